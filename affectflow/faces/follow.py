"""Following one person through a clip, among whoever else is in the picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

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


@dataclass
class _Track:
    """One person's path: the last face, its velocity (frame fractions a frame), frames unseen."""

    face: Face
    velocity: tuple[float, float] = (0.0, 0.0)
    unseen: int = 0
    is_target: bool = field(default=False, compare=False)

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
        steps = self.unseen + 1
        (x0, y0), (x1, y1) = self.face.center, face.center
        gain = _VELOCITY_GAIN
        self.velocity = (
            (1 - gain) * self.velocity[0] + gain * (x1 - x0) / steps,
            (1 - gain) * self.velocity[1] + gain * (y1 - y0) / steps,
        )
        self.face, self.unseen = face, 0


class Follower:
    """Picks the followed person's face out of each frame's faces.

    Everybody visible is tracked, not only the target: when two people cross and one is hidden, the
    face that is left goes to the track that it fits better, so that the target is missed for some
    frames rather than exchanged.

    Args:
        person: "" begins with the largest face; ``left`` and ``right`` with the leftmost or
            rightmost (of the image) when several are visible, and with a single one only when
            its centre lies on that half.
        max_gap: frames for which the target may be unseen; after more, the rule for the beginning
            chooses anew. Others are forgotten after as many frames.
    """

    def __init__(self, person: str = "", max_gap: int = 30):
        if person not in ("", "left", "right"):
            raise ValueError(f"person is {person!r}; give left, right or an empty string")
        if max_gap < 0:
            raise ValueError(f"max_gap is {max_gap}; give a number of frames, 0 or more")
        self.person = person
        self.max_gap = max_gap
        self._tracks: list[_Track] = []

    def choose(self, faces: list[Face]) -> Face | None:
        """The target's face in the next frame; None where it is not seen. Call once a frame."""
        seen = self._assign(faces)
        self._tracks = [track for track in self._tracks if track.unseen <= self.max_gap]
        if not any(track.is_target for track in self._tracks) and seen:
            beginning = self._begin(seen)
            if beginning is not None:
                beginning.is_target = True
        return next((t.face for t in self._tracks if t.is_target and not t.unseen), None)

    def _assign(self, faces: list[Face]) -> list[_Track]:
        """Gives each face to the track it fits best, or to a new one; returns those seen."""
        pairs = [
            (cost, t, f)
            for t, track in enumerate(self._tracks)
            for f, face in enumerate(faces)
            if (cost := track.cost(face)) is not None
        ]
        seen: list[_Track] = []
        taken_tracks: set[int] = set()
        taken_faces: set[int] = set()
        for _, t, f in sorted(pairs):
            if t in taken_tracks or f in taken_faces:
                continue
            taken_tracks.add(t)
            taken_faces.add(f)
            self._tracks[t].see(faces[f])
            seen.append(self._tracks[t])
        for t, track in enumerate(self._tracks):
            if t not in taken_tracks:
                track.unseen += 1
        for f, face in enumerate(faces):
            if f not in taken_faces:
                track = _Track(face)
                self._tracks.append(track)
                seen.append(track)
        return seen

    def _begin(self, seen: list[_Track]) -> _Track | None:
        if not self.person:
            return max(seen, key=lambda track: track.face.area)
        sign = 1 if self.person == "left" else -1
        first = min(seen, key=lambda track: sign * track.face.center[0])
        if len(seen) == 1 and sign * (first.face.center[0] - 0.5) > 0:
            return None
        return first
