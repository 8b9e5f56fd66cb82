"""Where skin folds when a face moves, and how dark the folds are."""

from __future__ import annotations

import numpy as np

from affectflow.synth.muscles import BOX
from affectflow.synth.photograph import LEFT_BROW, RIGHT_BROW, TEXELS, Array, grid
from affectflow.synth.warp import blob


def furrows_of(landmarks: Array) -> Array:
    """How much a frown darkens the skin, float32 [rows, columns, 3] of BOX: between the brows, and
    from the corners of the mouth down."""
    at = grid(1 / TEXELS, BOX)
    root_r, root_l = landmarks[RIGHT_BROW[-1]], landmarks[LEFT_BROW[0]]
    between = (root_r + root_l) / 2
    depth = 0.22 * blob(at, between + (0, 3), 8, 6)
    for x in (-3.2, 3.2):
        depth = depth + 0.3 * blob(at, between + (x, 3), 1.2, 5)
    for corner, side in ((landmarks[61], -1), (landmarks[291], 1)):
        depth = depth + 0.3 * blob(at, corner + (side * 3.0, 5), 2.0, 6)
    # Light that comes back from a fold is reddened by the skin.
    return (np.clip(depth, 0, 0.55)[..., None] * (0.72, 1.0, 1.0)).astype(np.float32)


def folds_of(landmarks: Array) -> Array:
    """How much a sneer darkens the skin, float32 [rows, columns, 3] of BOX: across the root of the
    nose, and from its wings down past the mouth."""
    at = grid(1 / TEXELS, BOX)
    root = landmarks[168]
    depth = np.zeros(at.shape[:2])
    for y in (0.0, 4.5, 9.0):
        depth = depth + 0.25 * blob(at, root + (0, y), 6, 1.0)
    for wing, corner, side in ((129, 61, -1), (358, 291, 1)):
        start, end = landmarks[wing] + (side * 4.0, -1), landmarks[corner] + (side * 5.0, 0)
        for share in np.linspace(0, 1, 9):
            depth = depth + 0.13 * blob(at, start + share * (end - start), 1.8, 3.0)
    return (np.clip(depth, 0, 0.5)[..., None] * (0.72, 1.0, 1.0)).astype(np.float32)
