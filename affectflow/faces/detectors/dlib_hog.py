"""dlib's frontal face detector: histograms of oriented gradients and a linear classifier."""

from __future__ import annotations

import math

import dlib
import numpy as np

from affectflow.faces.detectors.box_points import Proportions, points_in_box
from affectflow.faces.face import Face
from affectflow.faces.settings import FaceSettings

# Medians against the mesh's points over frontal faces of three people (spread 0.03).
_PROPORTIONS = Proportions(center=(0.5, 0.50), eyes=0.415)


class DlibHogDetector:
    """Boxes by HOG; points from the box's proportions.

    dlib's margin m is brought to (0, 1) by the logistic function, so a score of 0.5 is dlib's own
    threshold of 0. Faces under about 80 pixels are not seen (the detector's window, no upsampling).
    """

    def __init__(self, min_score: float):
        self._detector = dlib.get_frontal_face_detector()
        clipped = min(max(min_score, 1e-6), 1 - 1e-6)
        self._margin = math.log(clipped / (1 - clipped))

    def detect(self, rgb: np.ndarray) -> list[Face]:
        height, width = rgb.shape[:2]
        boxes, margins, _ = self._detector.run(np.ascontiguousarray(rgb), 0, self._margin)
        faces = []
        for box, margin in zip(boxes, margins, strict=True):
            relative = (
                box.left() / width, box.top() / height, box.width() / width, box.height() / height,
            )  # fmt: skip
            points = points_in_box(relative, width / height, _PROPORTIONS)
            faces.append(Face(relative, points, 1 / (1 + math.exp(-margin))))
        return sorted(faces, key=lambda face: -face.score)

    def reset(self) -> None:
        """Nothing to forget: each frame is looked at alone."""

    def close(self) -> None:
        self._detector = None


def build(settings: FaceSettings) -> DlibHogDetector:
    """The detector that ``settings`` describe."""
    return DlibHogDetector(settings.min_score)
