"""Crops other than the aligned face: the detector's box, and all of a frame."""

from __future__ import annotations

import cv2
import numpy as np

from affectflow.faces.align import cut, template
from affectflow.faces.face import Face


def box_square(rgb: np.ndarray, face: Face, size: int) -> np.ndarray:
    """The square round the middle of a face's box, as wide as its longer side.

    Returns:
        uint8 [size, size, 3]; black where the square reaches beyond the frame.
    """
    height, width = rgb.shape[:2]
    x, y, w, h = (value * side for value, side in zip(face.box, (width, height) * 2))
    side = max(w, h)
    scale = size / side
    left, top = x + w / 2 - side / 2, y + h / 2 - side / 2
    # Pixel centres: crop pixel 0 covers the frame from ``left`` on, its middle half a pixel in.
    shift = (scale - 1) / 2
    matrix = np.array([[scale, 0, shift - scale * left], [0, scale, shift - scale * top]])
    return cut(rgb, matrix, size)


def whole_frame(rgb: np.ndarray, size: int) -> np.ndarray:
    """All of a frame as a square, whatever its aspect: uint8 [size, size, 3]."""
    if rgb.shape[:2] == (size, size):
        return rgb
    shrinks = rgb.shape[0] * rgb.shape[1] > size * size
    return cv2.resize(
        rgb, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )


def whole_face(size: int) -> Face:
    """The face that stands for all of a frame: its landmarks are the alignment template's."""
    return Face((0.0, 0.0, 1.0, 1.0), (template(size) / size).astype(np.float32), 1.0)
