"""Telling people apart: which face of the next frame belongs to whom."""

from __future__ import annotations

import math
from dataclasses import dataclass

from affectflow.faces.face import Face, overlap

# How far, in face widths, a centre may be from where it is expected: more with every second since
# it was seen, for a hidden person keeps moving. The detector's own jitter is in it.
_REACH = 0.5
_REACH_PER_S = 3.0
_MAX_REACH = 2.0
# A face does not halve or double between two sightings.
_MAX_SIZE_RATIO = 2.0
# What a thirtieth of a second leaves of a track's velocity. At a few frames a second one step says
# little about the next, and half of it is kept.
_VELOCITY_KEPT = 0.7
_LEAST_VELOCITY_KEPT = 0.5
# Nobody goes on in one direction for longer.
_LONGEST_GUESS_S = 1.1
# Some containers keep time in milliseconds, which is what a sum of steps may be off.
_CLOCK_S = 0.002

NOMINAL_STEP_S = 1 / 30
"""From frame to frame where a source has no times: folders of images, raw streams."""


# Two people are never the same one, however alike their paths.
@dataclass(eq=False)
class Track:
    """One person's path.

    Attributes:
        face: the last one seen.
        number: from 1, in the order of appearance.
        velocity: frame widths and heights a second.
        unseen_s: seconds for which it was not seen, up to the last frame.
    """

    face: Face
    number: int
    velocity: tuple[float, float] = (0.0, 0.0)
    unseen_s: float = 0.0

    def cost(self, face: Face, step_s: float) -> float | None:
        """How ill ``face`` fits as the next sighting; None where it cannot be this person.

        Args:
            step_s: seconds from the last frame to this one.
        """
        away_s = self.unseen_s + step_s
        x, y, w, h = self.face.box
        dx, dy = (speed * min(away_s, _LONGEST_GUESS_S) for speed in self.velocity)
        expected = (x + dx, y + dy, w, h)
        size = math.sqrt(max(self.face.area, 1e-12))
        ratio = math.sqrt(max(face.area, 1e-12)) / size
        if not 1 / _MAX_SIZE_RATIO < ratio < _MAX_SIZE_RATIO:
            return None
        cx, cy = face.center
        # In units of the face's own width and height, so that the frame's aspect does not matter.
        distance = math.hypot((cx - x - w / 2 - dx) / w, (cy - y - h / 2 - dy) / h)
        if distance > min(_MAX_REACH, _REACH + _REACH_PER_S * away_s):
            return None
        return distance + (1 - overlap(expected, face.box)) + abs(math.log(ratio))

    def see(self, face: Face, step_s: float) -> None:
        """Takes ``face`` as the next sighting; ``step_s`` as of :meth:`cost`."""
        away_s = self.unseen_s + step_s
        (x0, y0), (x1, y1) = self.face.center, face.center
        kept = max(_LEAST_VELOCITY_KEPT, _VELOCITY_KEPT ** (step_s / NOMINAL_STEP_S))
        self.velocity = (
            kept * self.velocity[0] + (1 - kept) * (x1 - x0) / away_s,
            kept * self.velocity[1] + (1 - kept) * (y1 - y0) / away_s,
        )
        self.face, self.unseen_s = face, 0.0


class Tracker:
    """Gives every face of every frame to a person.

    Everybody visible is tracked: when two people cross and one is hidden, the face that is left
    goes to the track that it fits better, so that one is missed for some frames rather than both
    exchanged. Somebody who was away for longer than ``max_gap_s`` comes back as another person.

    Args:
        max_gap_s: seconds for which a person may be unseen before the track is given up.

    Attributes:
        tracks: of everybody who was seen within the last ``max_gap_s``.
    """

    def __init__(self, max_gap_s: float = 1.0):
        if not max_gap_s >= 0:
            raise ValueError(f"max_gap_s is {max_gap_s}; give a number of seconds, 0 or more")
        self.max_gap_s = max_gap_s
        self.tracks: list[Track] = []
        self._begun = 0
        self._last_s = math.nan

    def update(self, faces: list[Face], second: float = math.nan) -> list[Track]:
        """The tracks that the next frame's faces belong to. Call once a frame.

        Args:
            faces: the frame's.
            second: when the frame is shown; NaN where nobody knows. A time that is not after the
                last frame's says nothing, either: such a frame counts ``NOMINAL_STEP_S``.
        """
        step_s = second - self._last_s
        if not 0 < step_s < math.inf:
            step_s = NOMINAL_STEP_S
        self._last_s = second
        pairs = [
            (cost, t, f)
            for t, track in enumerate(self.tracks)
            for f, face in enumerate(faces)
            if (cost := track.cost(face, step_s)) is not None
        ]
        seen: list[Track] = []
        taken_tracks: set[int] = set()
        taken_faces: set[int] = set()
        for _, t, f in sorted(pairs):
            if t in taken_tracks or f in taken_faces:
                continue
            taken_tracks.add(t)
            taken_faces.add(f)
            self.tracks[t].see(faces[f], step_s)
            seen.append(self.tracks[t])
        for t, track in enumerate(self.tracks):
            if t not in taken_tracks:
                track.unseen_s += step_s
        for f, face in enumerate(faces):
            if f not in taken_faces:
                self._begun += 1
                track = Track(face, self._begun)
                self.tracks.append(track)
                seen.append(track)
        longest = self.max_gap_s + _CLOCK_S
        self.tracks = [track for track in self.tracks if track.unseen_s <= longest]
        return seen

    def cut(self) -> None:
        """The next frame is of another shot: whoever is in it is somebody else."""
        self.tracks = []
