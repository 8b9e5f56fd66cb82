"""No looking for faces: each frame counts as one, where all of it is the crop."""

from __future__ import annotations

import numpy as np

from affectflow.faces.crop import whole_face
from affectflow.faces.face import Face
from affectflow.faces.settings import FaceSettings


class WholeFrame:
    """Gives one face a frame, as large as the frame."""

    def __init__(self, size: int):
        self._face = whole_face(size)

    def detect(self, rgb: np.ndarray) -> list[Face]:
        return [self._face]

    def reset(self) -> None:
        """Nothing to forget: each frame is taken alone."""

    def close(self) -> None:
        """Nothing to free."""


def build(settings: FaceSettings) -> WholeFrame:
    """The detector that ``settings`` describe."""
    return WholeFrame(settings.size)
