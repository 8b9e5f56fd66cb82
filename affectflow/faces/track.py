"""Telling people apart: which face of the next frame belongs to whom."""

from __future__ import annotations

import math
from dataclasses import dataclass

from affectflow.faces.face import Face, overlap

# How far, in face widths, a centre may be from where it is expected: at once, and more for each
# frame unseen, for a hidden person keeps moving.
_REACH = 0.6
_REACH_PER_FRAME = 0.1
_MAX_REACH = 2.0
# A face does not halve or double between two sightings.
_MAX_SIZE_RATIO = 2.0
# Weight of the newest step in a track's velocity.
_VELOCITY_GAIN = 0.3


# Two people are never the same one, however alike their paths.
@dataclass(eq=False)
class Track:
    """One person's path.

    Attributes:
        face: the last one seen.
        number: from 1, in the order of appearance.
        velocity: frame widths and heights a frame.
        unseen: frames since it was seen.
    """

    face: Face
    number: int
    velocity: tuple[float, float] = (0.0, 0.0)
    unseen: int = 0

    def cost(self, face: Face) -> float | None:
        """How ill ``face`` fits as the next sighting; None where it cannot be this person."""
        steps = self.unseen + 1
        x, y, w, h = self.face.box
        dx, dy = self.velocity[0] * steps, self.velocity[1] * steps
        expected = (x + dx, y + dy, w, h)
        size = math.sqrt(max(self.face.area, 1e-12))
        ratio = math.sqrt(max(face.area, 1e-12)) / size
        if not 1 / _MAX_SIZE_RATIO < ratio < _MAX_SIZE_RATIO:
            return None
        cx, cy = face.center
        # In units of the face's own width and height, so that the frame's aspect does not matter.
        distance = math.hypot((cx - x - w / 2 - dx) / w, (cy - y - h / 2 - dy) / h)
        if distance > min(_MAX_REACH, _REACH + _REACH_PER_FRAME * self.unseen):
            return None
        return distance + (1 - overlap(expected, face.box)) + abs(math.log(ratio))

    def see(self, face: Face) -> None:
        """Takes ``face`` as the next sighting."""
        steps = self.unseen + 1
        (x0, y0), (x1, y1) = self.face.center, face.center
        gain = _VELOCITY_GAIN
        self.velocity = (
            (1 - gain) * self.velocity[0] + gain * (x1 - x0) / steps,
            (1 - gain) * self.velocity[1] + gain * (y1 - y0) / steps,
        )
        self.face, self.unseen = face, 0


class Tracker:
    """Gives every face of every frame to a person.

    Everybody visible is tracked: when two people cross and one is hidden, the face that is left
    goes to the track that it fits better, so that one is missed for some frames rather than both
    exchanged. Somebody who was away for longer than ``max_gap`` comes back as another person.

    Args:
        max_gap: frames for which a person may be unseen before the track is given up.

    Attributes:
        tracks: of everybody who was seen within the last ``max_gap`` frames.
    """

    def __init__(self, max_gap: int = 30):
        if max_gap < 0:
            raise ValueError(f"max_gap is {max_gap}; give a number of frames, 0 or more")
        self.max_gap = max_gap
        self.tracks: list[Track] = []
        self._begun = 0

    def update(self, faces: list[Face]) -> list[Track]:
        """The tracks that the next frame's faces belong to. Call once a frame."""
        pairs = [
            (cost, t, f)
            for t, track in enumerate(self.tracks)
            for f, face in enumerate(faces)
            if (cost := track.cost(face)) is not None
        ]
        seen: list[Track] = []
        taken_tracks: set[int] = set()
        taken_faces: set[int] = set()
        for _, t, f in sorted(pairs):
            if t in taken_tracks or f in taken_faces:
                continue
            taken_tracks.add(t)
            taken_faces.add(f)
            self.tracks[t].see(faces[f])
            seen.append(self.tracks[t])
        for t, track in enumerate(self.tracks):
            if t not in taken_tracks:
                track.unseen += 1
        for f, face in enumerate(faces):
            if f not in taken_faces:
                self._begun += 1
                track = Track(face, self._begun)
                self.tracks.append(track)
                seen.append(track)
        self.tracks = [track for track in self.tracks if track.unseen <= self.max_gap]
        return seen

    def cut(self) -> None:
        """The next frame is of another shot: whoever is in it is somebody else."""
        self.tracks = []
