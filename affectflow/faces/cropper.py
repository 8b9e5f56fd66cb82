"""What makes crops, by ``FaceSettings.crop``: built once a worker, as the detector is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from affectflow.faces.align import align_face
from affectflow.faces.crop import box_square, whole_frame
from affectflow.faces.face import Face
from affectflow.faces.settings import FaceSettings


class Change(Protocol):
    """What is done to a face's image beside cutting it out."""

    def __call__(self, rgb: np.ndarray, /) -> np.ndarray:
        """uint8 [h, w, 3] → uint8 [h, w, 3]."""

    def close(self) -> None:
        """Frees what it holds."""


class Cropper:
    """Makes crops. Not thread-safe and not picklable: each worker builds its own.

    Args:
        settings: ``crop`` and ``size`` decide.
    """

    def __init__(self, settings: FaceSettings):
        self._crop, self._size = settings.crop, settings.size
        self._change = _CHANGES[settings.crop]() if settings.crop in _CHANGES else None

    @property
    def changes(self) -> bool:
        """Whether images that were cropped before come out as others than they are."""
        return self._change is not None

    def crop(self, rgb: np.ndarray, face: Face) -> np.ndarray:
        """The crop of a face in a frame.

        Args:
            rgb: uint8 [height, width, 3].

        Returns:
            uint8 [size, size, 3].
        """
        if self._crop in ("whole", "level"):
            return self.fit(rgb)
        if self._crop == "box":
            return box_square(rgb, face, self._size)
        aligned = align_face(rgb, face, self._size)
        return aligned if self._change is None else self._change(aligned)

    def fit(self, rgb: np.ndarray) -> np.ndarray:
        """The crop of an image that is a face already, of any size.

        It is cut no further; it is levelled or masked where the settings say so.
        """
        if self._change is None:
            return whole_frame(rgb, self._size)
        if self._crop == "level":
            # Before the aspect changes, with which angles would.
            return whole_frame(self._change(rgb), self._size)
        return self._change(whole_frame(rgb, self._size))

    def close(self) -> None:
        """Frees what the cropper holds; it cannot be used afterwards."""
        if self._change is not None:
            self._change.close()


def create_cropper(settings: FaceSettings) -> Cropper:
    """The cropper that ``settings`` describe.

    Raises:
        InputError: what it needs is not installed.
    """
    return Cropper(settings)


def _leveller() -> Change:
    from affectflow.faces.level import Leveller

    return Leveller()


def _mask() -> Change:
    # MediaPipe takes a second to import, which other crops by other detectors need not wait for.
    from affectflow.faces.mask import FaceMask

    return FaceMask()


_CHANGES: dict[str, Callable[[], Change]] = {"level": _leveller, "masked": _mask}
