"""What a face detector is, and how one is built from settings."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol

import numpy as np

from affectflow.errors import InputError
from affectflow.faces.face import Face
from affectflow.faces.settings import FaceSettings


class Detector(Protocol):
    """Finds faces in frames. Not thread-safe and not picklable: each worker builds its own."""

    def detect(self, rgb: np.ndarray) -> list[Face]:
        """Faces in ``rgb`` (uint8 [height, width, 3]), by falling score."""

    def reset(self) -> None:
        """Forgets earlier frames: the next one begins another clip."""

    def close(self) -> None:
        """Frees what the detector holds; it cannot be used afterwards."""


def create_detector(settings: FaceSettings) -> Detector:
    """Builds the detector that ``settings`` name.

    Raises:
        InputError: its package is not installed.
    """
    name = "whole" if settings.crop in ("whole", "level") else settings.detector
    # Each detector's package is imported by its own file only.
    try:
        module = import_module(f"affectflow.faces.detectors.{name}")
    except ModuleNotFoundError as error:
        raise InputError(
            f"detector {name!r} needs the package {error.name!r}, which is not installed; "
            "install it or choose another detector"
        ) from error
    built: Detector = module.build(settings)
    return built
