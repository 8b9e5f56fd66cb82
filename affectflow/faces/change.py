"""How much of a picture an earlier one does not explain, whatever moved and however it is lit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
# Frames in a row in which a detector may miss a face that is there.
_REMEMBERED = 8
# What a face's box is grown by, to have the head's outline in it.
_GROWN = 1.3
# Correlation of windows that stayed where they were, and levels of grey by which they differ.
_SAME, _CLOSE = 0.8, 6.0
# An inset's sides, less half a window all round, as shares of the picture's: of a channel's sign
# they are less, of a banner the longer is more. Who is in it moves, but so much of it stays.
_INSET_LEAST, _INSET_MOST, _INSET_FILLED = 0.13, 0.9, 0.45
# Of what has structure round an inset, so much at most stays by chance.
_STAYS_ROUND = 0.15


@dataclass(frozen=True)
class Look:
    """What is kept of a frame.

    Attributes:
        grey: uint8 [h, w], about 5 000 pixels in the frame's aspect.
        boxes: of the faces, relative to the frame; where none was found, of the last ones.
        missed: the frames, this one last, in which none was found.
        blank: the picture has nothing that could be found again in another.
    """

    grey: np.ndarray
    boxes: tuple[Box, ...]
    blank: bool
    missed: int = 0


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
    blank = (_variance(grey) > _PLAIN).mean() < _BLANK_SHARE
    return Look(grey, tuple(face.box for face in faces), bool(blank))


def remembered(look: Look, last: Look) -> Look:
    """The look with the faces of the one before it, if it has none: detectors miss some."""
    if look.boxes or not last.boxes or last.missed == _REMEMBERED:
        return look
    return replace(look, boxes=last.boxes, missed=last.missed + 1)


def difference(before: Look, after: Look) -> float:
    """Mean absolute difference of two looks, levels of grey: cheap, and blind to what moved."""
    return float(cv2.absdiff(_sized(before, after), after.grey).mean())


def relit(before: Look, after: Look) -> float:
    """How much brighter or darker the picture is: the logarithm of the ratio of its means, >= 0."""
    return abs(float(np.log((after.grey.mean() + 1) / (before.grey.mean() + 1))))


def inset_stays(before: Look, after: Look) -> bool:
    """Whether a picture in the picture stays where it was while all round it changes.

    So does a speaker beside slides, whose face may be too small to be compared or found. Plain
    parts, such as the bars beside an upright film, are no picture, and a banner is none. Of people
    who follow each other in one room the room stays, which is round them.
    """
    earlier = _sized(before, after)
    alike, weight = _correlated(earlier, after.grey)
    close = _mean(cv2.absdiff(earlier, after.grey).astype(np.float32)) < _CLOSE
    stays = (weight > 0) & close & (alike > _SAME)
    count, _, stats, _ = cv2.connectedComponentsWithStats(stays.astype(np.uint8))
    if count < 2:
        return False
    left, top, width, height, area = stats[1 + stats[1:, cv2.CC_STAT_AREA].argmax()]
    rows, columns = after.grey.shape
    sides = sorted((height / rows, width / columns))
    if sides[0] < _INSET_LEAST or sides[1] > _INSET_MOST or area < _INSET_FILLED * height * width:
        return False
    round_it = weight > 0
    round_it[top : top + height, left : left + width] = False
    return bool(round_it.any() and close[round_it].mean() < _STAYS_ROUND)


def _variance(grey: np.ndarray) -> np.ndarray:
    values = grey.astype(np.float32)
    return _mean(values * values) - _mean(values) ** 2


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
    flow = cv2.GaussianBlur(flow, (0, 0), _STIFF)
    height, width = after.shape
    columns = np.arange(width, dtype=np.float32)[None] + flow[..., 0]
    rows = np.arange(height, dtype=np.float32)[:, None] + flow[..., 1]
    moved = cv2.remap(before, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return _correlated(moved, after)


def _correlated(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Correlation in [-1, 1] and weight of the window round each pixel: float32 [h, w]."""
    a, b = before.astype(np.float32), after.astype(np.float32)
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
