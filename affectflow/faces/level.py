"""Levelling: a face's image turned so that the line between its eyes is horizontal.

Paper 2, Sec. 3: "This has been achieved by identifying the eye centres of the faces presented in
the images, and the images being rotated such that the line joining the eye centres becomes
horizontal. The eye detection has been carried out using the Cascade classifier of opencv library."
Where the cascade was wrong, images were turned too far: "To counter this, the max range to which
the image can be rotated has been capped at 10 degrees."
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from affectflow.errors import InputError

MAX_DEGREES = 10.0

Eyes = tuple[tuple[float, float], tuple[float, float]]
"""Centres of the eye on the left of the image and of the other, x and y in pixels."""

# The cascade's window is 20 pixels; in a face of 100 an eye is about that. Over ten real faces of
# 100 pixels, turned by up to 9 degrees, the angle is wrong by 2.3 degrees (median) as they are, by
# 1.7 enlarged to 200 and by 1.0 enlarged to 300 or to 400.
_LEAST_SIDE = 300


class Leveller:
    """OpenCV's eye cascade and the rotation.

    Raises:
        InputError: OpenCV came without the cascade.
    """

    def __init__(self) -> None:
        cv2.setNumThreads(1)  # as in affectflow.faces.align
        file = Path(cv2.__file__).parent / "data" / "haarcascade_eye.xml"
        self._cascade = cv2.CascadeClassifier(str(file))
        if self._cascade.empty():
            raise InputError(f"no Haar cascade at {file}; OpenCV before 5 ships it")

    def __call__(self, rgb: np.ndarray) -> np.ndarray:
        """The image, uint8 [h, w, 3], level, of the same size; as it is where no eyes are seen."""
        eyes = self.eyes(rgb)
        return rgb if eyes is None else rotated(rgb, tilt(eyes))

    def eyes(self, rgb: np.ndarray) -> Eyes | None:
        """The two eyes of the face that fills an image; None unless both are seen."""
        height, width = rgb.shape[:2]
        scale = max(1.0, _LEAST_SIDE / min(height, width))
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        if scale > 1:
            grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
        found = np.asarray(self._cascade.detectMultiScale(grey)).reshape(-1, 4)
        return two_eyes((found / scale).tolist(), width, height)

    def close(self) -> None:
        self._cascade = cv2.CascadeClassifier()


def two_eyes(boxes: Iterable[list[float]], width: int, height: int) -> Eyes | None:
    """Which of the cascade's boxes are the eyes.

    Args:
        boxes: x, y, width, height in pixels. A mouth or a nostril passes for an eye at times:
            only centres in the upper half count, the largest box on each side of the middle.
        width, height: of the image.
    """
    sides: dict[bool, tuple[float, float]] = {}
    for x, y, w, h in sorted(boxes, key=lambda box: (-box[2] * box[3], box)):
        center = (x + w / 2, y + h / 2)
        if center[1] < height / 2 and center[0] != width / 2:
            sides.setdefault(center[0] < width / 2, center)
    return (sides[True], sides[False]) if len(sides) == 2 else None


def tilt(eyes: Eyes) -> float:
    """By how many degrees the line between the eyes falls to the right, at most 10 either way."""
    (x0, y0), (x1, y1) = eyes
    degrees = math.degrees(math.atan2(y1 - y0, x1 - x0))
    return min(max(degrees, -MAX_DEGREES), MAX_DEGREES)


def rotated(rgb: np.ndarray, degrees: float) -> np.ndarray:
    """The image turned counter-clockwise about its middle; black where nothing comes in."""
    height, width = rgb.shape[:2]
    middle = ((width - 1) / 2, (height - 1) / 2)
    matrix = cv2.getRotationMatrix2D(middle, degrees, 1.0)
    return cv2.warpAffine(rgb, matrix, (width, height), flags=cv2.INTER_LINEAR)
