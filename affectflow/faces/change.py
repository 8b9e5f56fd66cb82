"""How much of a picture an earlier one does not explain, whatever moved and however it is lit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from affectflow.faces.face import Box, Face, overlap

# As in affectflow.faces.align.
cv2.setNumThreads(1)

# Pixels of the small picture, 96x54 at 16:9: enough to tell faces apart by, and cheap.
_PIXELS = 96 * 54
# Samples along a small pixel's side that are averaged, at least.
_SAMPLES = 3
# Side of the windows in which structure is compared, pixels, and what is added to their variance,
# in levels of grey squared, so that noise is no structure.
_WINDOW, _NOISE = 9, 6.0
# Standard deviation, pixels, over which the motion is smoothed: a face that turns or smiles moves
# as a whole; what makes another face of it does not.
_STIFF = 4.0
# Windows of less variance have no structure that could be found again.
_PLAIN = 16.0
# A picture of which less has structure is blank: black, white, fog.
_BLANK_SHARE = 0.02
# Boxes that share more are one face that stayed where it was.
_SAME_PLACE = 0.3
# What a face's box is grown by, to have the head's outline in it.
_GROWN = 1.3


@dataclass(frozen=True)
class Look:
    """What is kept of a frame.

    Attributes:
        grey: uint8 [h, w], about 5 000 pixels in the frame's aspect.
        boxes: of the faces, relative to the frame.
        blank: the picture has nothing that could be found again in another.
    """

    grey: np.ndarray
    boxes: tuple[Box, ...]
    blank: bool


@dataclass(frozen=True)
class Change:
    """What of a later look's structure an earlier one does not have: 0 all the same, about 1 other.

    Attributes:
        scene: in the whole picture.
        face: in the faces that stand where faces stood, the least of theirs; None without any.
    """

    scene: float
    face: float | None


def look_at(rgb: np.ndarray, faces: Sequence[Face]) -> Look:
    """The look of a frame, uint8 [height, width, 3], and its faces."""
    height, width = rgb.shape[:2]
    scale = (_PIXELS / (height * width)) ** 0.5
    size = max(2 * _WINDOW, round(width * scale)), max(2 * _WINDOW, round(height * scale))
    # Averaging all of a large frame would cost more than all the rest; green is most of luminance.
    skip = max(1, int(1 / (_SAMPLES * scale)))
    green = np.ascontiguousarray(rgb[::skip, ::skip, 1])
    grey = cv2.resize(green, size, interpolation=cv2.INTER_AREA)
    values = grey.astype(np.float32)
    structure = _mean(values * values) - _mean(values) ** 2 > _PLAIN
    return Look(grey, tuple(face.box for face in faces), bool(structure.mean() < _BLANK_SHARE))


def difference(before: Look, after: Look) -> float:
    """Mean absolute difference of two looks, levels of grey: cheap, and blind to what moved."""
    return float(cv2.absdiff(_sized(before, after), after.grey).mean())


def _sized(before: Look, after: Look) -> np.ndarray:
    """The earlier picture in the other's size: that of a video may change."""
    height, width = after.grey.shape
    if before.grey.shape == (height, width):
        return before.grey
    return cv2.resize(before.grey, (width, height), interpolation=cv2.INTER_AREA)


class Comparer:
    """Finds an earlier look's structure again in a later one.

    The earlier picture is moved along the optical flow between the two (Kroeger et al., "Fast
    Optical Flow using Dense Inverse Search", ECCV 2016), smoothed. Then windows are compared by
    their normalised cross-correlation, which does not see how bright they are, weighted by how
    much structure they have. Not thread-safe.
    """

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def change(self, before: Look, after: Look) -> Change:
        """What of ``after`` is not in ``before``."""
        earlier = _sized(before, after)
        flow = self._flow.calc(after.grey, earlier, None)
        alike, weight = _compared(earlier, after.grey, flow)
        stayed = (
            _inside(here, weight)
            for here in after.boxes
            if any(overlap(here, there) > _SAME_PLACE for there in before.boxes)
        )
        faces = [_unlike(alike[part], weight[part]) for part in stayed]
        return Change(_unlike(alike, weight), min(faces, default=None))


def _compared(
    before: np.ndarray, after: np.ndarray, flow: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Correlation in [-1, 1] and weight of the window round each pixel: float32 [h, w]."""
    flow = cv2.GaussianBlur(flow, (0, 0), _STIFF)
    height, width = after.shape
    columns = np.arange(width, dtype=np.float32)[None] + flow[..., 0]
    rows = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    moved = cv2.remap(before, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    a, b = moved.astype(np.float32), after.astype(np.float32)
    mean_a, mean_b = _mean(a), _mean(b)
    variance_a = np.maximum(_mean(a * a) - mean_a * mean_a, 0)
    variance_b = np.maximum(_mean(b * b) - mean_b * mean_b, 0)
    alike = (_mean(a * b) - mean_a * mean_b) / np.sqrt(
        (variance_a + _NOISE) * (variance_b + _NOISE)
    )
    most = np.maximum(variance_a, variance_b)
    return alike, np.sqrt(most) * (most > _PLAIN)


def _unlike(alike: np.ndarray, weight: np.ndarray) -> float:
    total = float(weight.sum())
    return 1 - float((alike * weight).sum()) / total if total else 0.0


def _inside(box: Box, picture: np.ndarray) -> tuple[slice, slice]:
    height, width = picture.shape
    x, y, w, h = box
    left, right = (width * (x + w / 2 + side * _GROWN * w / 2) for side in (-1, 1))
    top, bottom = (height * (y + h / 2 + side * _GROWN * h / 2) for side in (-1, 1))
    return slice(max(0, int(top)), max(0, int(bottom) + 1)), slice(
        max(0, int(left)), max(0, int(right) + 1)
    )


def _mean(values: np.ndarray) -> np.ndarray:
    return cv2.blur(values, (_WINDOW, _WINDOW))
