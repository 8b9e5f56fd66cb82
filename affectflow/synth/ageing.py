"""What years do to skin: a child's has no texture, an old face has lines."""

from __future__ import annotations

import cv2
import numpy as np

from affectflow.synth.photograph import Array, grid

_FOREHEAD = (-17.0, -12.5, -8.0)  # units above the middle of the brows
_CROW = (-30.0, -8.0, 14.0, 34.0)  # degrees, of the lines from an eye's outer corner


def smooth(rgb: Array, skin: Array, amount: float) -> Array:
    """RGB 0 … 255 [H, W, 3] with the skin's texture (of a few texels) taken away."""
    soft = cv2.GaussianBlur(rgb.astype(np.float32), (0, 0), 4.0)
    weight = (amount * skin.astype(np.float32) / 255)[..., None]
    return rgb + (soft - rgb) * weight


def wrinkle(rgb: Array, points: Array, skin: Array, amount: float) -> Array:
    """RGB 0 … 255 [H, W, 3] with lines on forehead and cheeks, at the eyes and under them.

    Args:
        points: [468, 2] face mesh in units.
        skin: uint8 mask [H, W].
        amount: depth, 0 … 1.
    """
    at = grid()
    depth = np.zeros(rgb.shape[:2])
    brows = (points[107] + points[336]) / 2
    for index, above in enumerate(_FOREHEAD):
        bend = 1.2 * np.sin((at[..., 0] - brows[0]) / 9 + index)
        across = np.exp(-((np.abs(at[..., 0] - brows[0]) / 26) ** 4))
        depth += 0.5 * across * _line(at[..., 1] - brows[1] - above - bend)
    for outer, inner, side in ((33, 133, -1), (263, 362, 1)):
        corner = points[outer]
        for angle in np.deg2rad(_CROW):
            start = corner + (side * 3.0, 0)
            end = start + 11 * np.array([side * np.cos(angle), np.sin(angle)])
            depth += 0.5 * _stroke(at, start, end)
        # A bag: a line that hangs below the lower lid.
        width = abs(points[inner][0] - corner[0])
        middle = (points[inner] + corner) / 2
        u = (at[..., 0] - middle[0]) / width
        below = at[..., 1] - middle[1] - 12 + 14 * u * u
        depth += 0.6 * np.exp(-((np.abs(u) / 0.5) ** 4)) * _line(below, 1.3)
    for wing, mouth, side in ((129, 61, -1), (358, 291, 1)):
        depth += 0.6 * _stroke(at, points[wing] + (side * 4, 0), points[mouth] + (side * 5, 2), 1.3)
        depth += 0.45 * _stroke(
            at, points[mouth] + (side * 3, 4), points[mouth] + (side * 5, 15), 1.3
        )
    shade = np.clip(amount * depth, 0, 0.6) * skin / 255
    return rgb * (1 - shade[..., None] * np.array((0.75, 1.0, 1.0)))


def _line(distance: Array, width: float = 0.9) -> Array:
    return np.exp(-((distance / width) ** 2))


def _stroke(at: Array, start: Array, end: Array, width: float = 0.9) -> Array:
    """A line between two points in units, 0 … 1, fading at both ends."""
    along = (end - start) / np.hypot(*(end - start))
    offset = at - start
    share = offset @ along / np.hypot(*(end - start))
    across = offset @ np.array([-along[1], along[0]])
    return _line(across, width) * np.exp(-((np.abs(share - 0.5) / 0.5) ** 4))
