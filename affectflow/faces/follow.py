"""Following one person through a clip, among whoever else is in the picture."""

from __future__ import annotations

import math

from affectflow.faces.face import Face
from affectflow.faces.track import Track, Tracker


class Follower:
    """Picks the followed person's face out of each frame's faces.

    Args:
        person: "" begins with the largest face; ``left`` and ``right`` with the leftmost or
            rightmost (of the image) when several are visible, and with a single one only when
            its centre lies on that half.
        max_gap_s: seconds for which the target may be unseen; after more, and after a cut, the rule
            for the beginning chooses anew. Others are forgotten after as long.
    """

    def __init__(self, person: str = "", max_gap_s: float = 1.0):
        if person not in ("", "left", "right"):
            raise ValueError(f"person is {person!r}; give left, right or an empty string")
        self.person = person
        self._tracker = Tracker(max_gap_s)
        self._target: Track | None = None

    def choose(self, faces: list[Face], second: float = math.nan) -> Face | None:
        """The target's face in the next frame; None where it is not seen. Call once a frame.

        Args:
            faces: the frame's.
            second: when the frame is shown (see ``Tracker.update``).
        """
        seen = self._tracker.update(faces, second)
        if self._target not in self._tracker.tracks:
            self._target = self._begin(seen) if seen else None
        return self._target.face if self._target is not None and self._target in seen else None

    def cut(self) -> None:
        """The next frame is of another shot."""
        self._tracker.cut()

    def _begin(self, seen: list[Track]) -> Track | None:
        if not self.person:
            return max(seen, key=lambda track: track.face.area)
        sign = 1 if self.person == "left" else -1
        first = min(seen, key=lambda track: sign * track.face.center[0])
        if len(seen) == 1 and sign * (first.face.center[0] - 0.5) > 0:
            return None
        return first
