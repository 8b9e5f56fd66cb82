"""Five landmarks for detectors that give a box only, from the proportions of a face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from affectflow.faces.align import TEMPLATE_112
from affectflow.faces.face import Box


@dataclass(frozen=True)
class Proportions:
    """Where a detector's box has the face.

    Attributes:
        center: of the five points' mean, in box widths and heights.
        eyes: distance of the eyes in box widths.
    """

    center: tuple[float, float]
    eyes: float


def points_in_box(box: Box, aspect: float, proportions: Proportions) -> np.ndarray:
    """The alignment template's five points, laid upright into a box.

    Args:
        box: relative to the frame.
        aspect: the frame's width over its height.
        proportions: the detector's.

    Returns:
        float32 [5, 2], relative to the frame.
    """
    x, y, w, h = box
    shape = TEMPLATE_112 - TEMPLATE_112.mean(0)
    shape *= proportions.eyes / (TEMPLATE_112[1, 0] - TEMPLATE_112[0, 0])
    middle = (x + proportions.center[0] * w, y + proportions.center[1] * h)
    return (shape * (w, w * aspect) + middle).astype(np.float32)
