"""OpenCV's Haar cascade, frontal default: the detector of paper 0 (Sec. IV-B)."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from affectflow.errors import InputError
from affectflow.faces.detectors.box_points import Proportions, points_in_box
from affectflow.faces.face import Face
from affectflow.faces.settings import FaceSettings

# Paper 0, Sec. IV-B: scale 1.1, 4 neighbours.
SCALE = 1.1
NEIGHBOURS = 4
# The cascade's own window, the smallest face it can see, pixels.
_WINDOW = 24

# Medians against the mesh's points over frontal faces of three people (spread 0.03).
_PROPORTIONS = Proportions(center=(0.5, 0.60), eyes=0.376)


class HaarDetector:
    """Boxes by the cascade, largest first; points from the box's proportions.

    The cascade gives no score: a face that it accepts scores 1.
    """

    def __init__(self) -> None:
        cv2.setNumThreads(1)  # as in affectflow.faces.align
        file = Path(cv2.__file__).parent / "data" / "haarcascade_frontalface_default.xml"
        self._cascade = cv2.CascadeClassifier(str(file))
        if self._cascade.empty():
            raise InputError(f"no Haar cascade at {file}; OpenCV before 5 ships it")

    def detect(self, rgb: np.ndarray) -> list[Face]:
        height, width = rgb.shape[:2]
        # OpenCV raises on a frame that is smaller than the window.
        if min(height, width) < _WINDOW:
            return []
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        found = self._cascade.detectMultiScale(grey, SCALE, NEIGHBOURS)
        faces = []
        for x, y, w, h in sorted(np.asarray(found).tolist(), key=lambda b: (-b[2], b)):
            box = (x / width, y / height, w / width, h / height)
            faces.append(Face(box, points_in_box(box, width / height, _PROPORTIONS), 1.0))
        return faces

    def reset(self) -> None:
        """Nothing to forget: each frame is looked at alone."""

    def close(self) -> None:
        self._cascade = cv2.CascadeClassifier()


def build(settings: FaceSettings) -> HaarDetector:
    """The detector that ``settings`` describe."""
    return HaarDetector()
