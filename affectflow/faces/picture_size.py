"""Noticing that a video's picture changes its size, as when a phone is turned in a call."""

from __future__ import annotations

import numpy as np

# A picture that is scaled to whole pixels keeps its shape to about this much.
_SAME_SHAPE = 0.02


class PictureSize:
    """The size of the last picture, and what became of it with the next one."""

    def __init__(self) -> None:
        self._last: tuple[int, int] | None = None

    def change(self, rgb: np.ndarray) -> tuple[bool, bool]:
        """Whether a picture has another size than the last one, and whether another shape.

        In a picture of another shape everything is elsewhere; in one of another size alone, as when
        a call adapts to a slower line, all is where it was, relative to the picture.

        Args:
            rgb: uint8 [h, w, 3].
        """
        height, width = rgb.shape[:2]
        last, self._last = self._last, (height, width)
        if last is None or last == (height, width):
            return False, False
        ratio = width / height * last[0] / last[1]
        return True, not 1 / (1 + _SAME_SHAPE) < ratio < 1 + _SAME_SHAPE
