"""Smooth displacements of a picture, and where each of its places came from."""

from __future__ import annotations

import cv2
import numpy as np

from affectflow.synth.photograph import TEXELS, Array


def blob(points: Array, centre: Array, sigma_x: float, sigma_y: float | None = None) -> Array:
    """Gaussian weight at points [..., 2] round a centre, in units."""
    dx = (points[..., 0] - centre[0]) / sigma_x
    dy = (points[..., 1] - centre[1]) / (sigma_y or sigma_x)
    return np.exp(-0.5 * (dx * dx + dy * dy))


def inverse(displacement: Array, step: float, rounds: int = 6, damping: float = 0.7) -> Array:
    """Where the material at each grid point came from, minus that grid point.

    Args:
        displacement: float32 [rows, columns, 2] in units; material at a grid point moves by it.
        step: units between grid points.

    Returns:
        float32 [rows, columns, 2] ``back`` with back(p) = -displacement(p + back(p)), by damped
        fixed-point iteration: converges where the displacement changes by -1 to 1.8 a unit.
    """
    rows, columns = displacement.shape[:2]
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    back = -displacement
    for _ in range(rounds):
        found = cv2.remap(
            displacement, x + back[..., 0] / step, y + back[..., 1] / step,
            cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        back = back - damping * (back + found)
    return back


def bend(texture: Array, displacement: Array, step: float) -> Array:
    """A texture of the canvas after its material moved by ``displacement`` (on the canvas grid)."""
    height, width = texture.shape[:2]
    back = cv2.resize(inverse(displacement, step, rounds=20), (width, height)) * TEXELS
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return cv2.remap(
        texture,
        x + back[..., 0],
        y + back[..., 1],
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
