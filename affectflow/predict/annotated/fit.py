"""A picture of any size in a video of one size."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from affectflow.faces.face import Box
from affectflow.predict.rows import PersonPrediction


def fit(
    image: np.ndarray, people: tuple[PersonPrediction, ...], size: tuple[int, int]
) -> tuple[np.ndarray, tuple[PersonPrediction, ...]]:
    """A picture as large as it fits into ``size`` without being squeezed, in the middle, on black.

    Args:
        image: uint8 [h, w, 3]; returned as it is where it has that size.
        people: with boxes relative to the picture.
        size: width and height, pixels.

    Returns:
        uint8 [height, width, 3], and the people with boxes relative to that.
    """
    width, height = size
    old_height, old_width = image.shape[:2]
    if (old_width, old_height) == size:
        return image, people
    scale = min(width / old_width, height / old_height)
    w, h = max(1, round(old_width * scale)), max(1, round(old_height * scale))
    w, h = min(w, width), min(h, height)
    left, top = (width - w) // 2, (height - h) // 2
    shown = np.zeros((height, width, 3), np.uint8)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    shown[top : top + h, left : left + w] = cv2.resize(image, (w, h), interpolation=method)

    def moved(box: Box) -> Box:
        x, y, wide, high = box
        return (
            (left + x * w) / width, (top + y * h) / height, wide * w / width, high * h / height,
        )  # fmt: skip

    return shown, tuple(
        one if one.box is None else replace(one, box=moved(one.box)) for one in people
    )
