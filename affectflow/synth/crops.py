"""Faces cut out of rendered frames, as the owners of corpora cut theirs."""

from __future__ import annotations

import cv2
import numpy as np

from affectflow.faces.align import TEMPLATE_112, similarity
from affectflow.synth.person import Person
from affectflow.synth.photograph import Array
from affectflow.synth.pose import Pose

# Eyes (mean of the lids' corners), nose tip and mouth corners in the face mesh, image left first.
FIVE_POINTS = ((33, 133), (362, 263), (1,), (61,), (291,))
# The Haar cascade's box: distance of the eyes in box widths, and where the five points' mean is
# (affectflow.faces.detectors.haar).
_EYES, _MIDDLE = 0.376, (0.5, 0.60)


def five_points(person: Person, pose: Pose) -> Array:
    """float64 [5, 2] frame pixels: eyes, nose tip, corners of the mouth, image left first."""
    points = np.array([person.points(pose, part).mean(0) for part in FIVE_POINTS])
    return points[[1, 0, 2, 4, 3]] if pose.mirrored else points


def box_crop(
    frame: Array, five: Array, size: int, wide: float = 1.0, shift: tuple[float, float] = (0, 0)
) -> Array:
    """The square that the Haar cascade would find, scaled to ``size``: uint8 [size, size(, 3)].

    Args:
        frame: uint8 [height, width] or [height, width, 3].
        five: [5, 2] pixels.
        size: side of the crop.
        wide: side of the square in the cascade's.
        shift: of the square's middle, in its sides.
    """
    box = float(np.hypot(*(five[1] - five[0]))) / _EYES
    side = wide * box
    middle = five.mean(0) + box * (np.array((0.5, 0.5)) - _MIDDLE) + side * np.array(shift)
    scale = size / side
    matrix = np.array([[scale, 0, size / 2 - scale * middle[0]],
                       [0, scale, size / 2 - scale * middle[1]]])  # fmt: skip
    return _shrink(frame, matrix, size)


def aligned_crop(frame: Array, five: Array, size: int, tilt: float = 0.0) -> Array:
    """The face turned level and scaled to fill ``size``, as RAF-DB's: uint8 [size, size, 3].

    Args:
        tilt: degrees that it is left out of level, clockwise.
    """
    matrix = np.vstack([similarity(five, 112), (0, 0, 1)])
    turn = np.vstack([cv2.getRotationMatrix2D((56, 56), -tilt, 1.0), (0, 0, 1)])
    # ArcFace's template cuts the chin off; RAF-DB has it, and less of the forehead.
    middle = TEMPLATE_112.mean(0)
    zoom = 1.08 * size / 112
    fit = np.array([[zoom, 0, size * 0.5 - zoom * middle[0]],
                    [0, zoom, size * 0.56 - zoom * middle[1]], [0, 0, 1]])  # fmt: skip
    return _shrink(frame, (fit @ turn @ matrix)[:2], size)


def _shrink(frame: Array, matrix: Array, size: int) -> Array:
    """Warps to a crop, at three times its size first: a small crop must not alias."""
    larger = cv2.warpAffine(
        frame, 3 * np.asarray(matrix) + np.array([[0, 0, 1.0], [0, 0, 1.0]]), (3 * size, 3 * size),
        flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return cv2.resize(larger, (size, size), interpolation=cv2.INTER_AREA)
