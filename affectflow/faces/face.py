"""A face in a frame: where it is and how sure the detector was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Face:
    """One face, in coordinates relative to the frame (0 to 1 from the upper left corner).

    Attributes:
        box: x, y, width, height; a face at the edge may reach beyond the frame.
        landmarks: float32 [5, 2], x and y of: right eye, left eye, nose tip, right mouth corner,
            left mouth corner. Right is the person's right, the left of the image.
        score: the detector's confidence, in [0, 1] where the detector has such a scale.
    """

    box: Box
    landmarks: np.ndarray
    score: float

    @property
    def center(self) -> tuple[float, float]:
        x, y, w, h = self.box
        return x + w / 2, y + h / 2

    @property
    def area(self) -> float:
        return self.box[2] * self.box[3]


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, in [0, 1]."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)
