"""A face that moves: three sheets of skin that part at the lids and at the lips.

Each sheet has its own smooth displacement, so nothing tears or smears where the skin parts. A place
that no sheet reaches is a gap: an eye, or the mouth with the teeth, which the upper jaw carries.
"""

from __future__ import annotations

import cv2
import numpy as np

from affectflow.synth.creases import folds_of, furrows_of
from affectflow.synth.expression import Action
from affectflow.synth.muscles import BOX, STEP, fields_of
from affectflow.synth.photograph import (
    CANVAS,
    LEFT_LID_LOWER,
    LEFT_LID_UPPER,
    LIPS_LOWER,
    LIPS_UPPER,
    RIGHT_LID_LOWER,
    RIGHT_LID_UPPER,
    TEXELS,
    Array,
    grid,
)
from affectflow.synth.seam import Seam
from affectflow.synth.warp import inverse

# How far the photograph's own smile is from a face at rest, in the units of Action.smile_*.
PHOTOGRAPHED_SMILE = 0.65


class Face:
    """Renders one person's face in any Action.

    Args:
        texture: uint8 [H, W, 3] of the canvas, the person's skin, hair and cloth.
        eyeballs: uint8 [H, W, 3] of the canvas; shows between the lids.
        landmarks: float [468, 2] in units, of this person's face in the texture.
        mouth_shade: RGB 0 … 255 of the mouth's inside.
    """

    def __init__(self, texture: Array, eyeballs: Array, landmarks: Array,
                 mouth_shade: tuple[float, float, float] = (58, 22, 24)):  # fmt: skip
        pick = lambda indices: landmarks[list(indices)]  # noqa: E731
        self._lips = Seam.through((pick(LIPS_UPPER), pick(LIPS_LOWER)))
        self._lids = Seam.through(
            (pick(RIGHT_LID_UPPER), pick(RIGHT_LID_LOWER)),
            (pick(LEFT_LID_UPPER), pick(LEFT_LID_LOWER)),
        )
        self._fields = fields_of(landmarks, self._lids, self._lips)
        self._landmarks = landmarks
        self._mouth_shade = np.array(mouth_shade, np.float32)
        column, row = ((BOX[i] - CANVAS[i]) * TEXELS for i in (0, 1))
        self._rows = slice(row, row + BOX[3] * TEXELS)
        self._columns = slice(column, column + BOX[2] * TEXELS)
        self._canvas = texture
        self._skin = np.ascontiguousarray(texture[self._rows, self._columns])
        self._eyeballs = np.ascontiguousarray(eyeballs[self._rows, self._columns])
        self._furrows = furrows_of(landmarks)
        self._folds = folds_of(landmarks)
        self._places = grid(1 / TEXELS, BOX).astype(np.float32)
        self._eye_band = self._band(pick(RIGHT_LID_UPPER + LEFT_LID_UPPER), (12, 18, 12, 14))
        # Down to the end of BOX: the chin belongs to the lower lip's sheet.
        self._mouth_band = self._band(pick(LIPS_UPPER), (26, 26, 26, BOX[3]))

    def render(self, action: Action) -> Array:
        """uint8 [H, W, 3] texture of the canvas with the face in ``action``."""
        sheets = self._sheets(action)
        from_ = {name: self._places + back for name, back in sheets.items()}
        skin = self._skin
        if action.knit > 0:
            skin = (skin * (1 - min(action.knit, 1.2) * self._furrows)).astype(np.uint8)
        if action.sneer > 0:
            skin = (skin * (1 - min(action.sneer, 1.2) * self._folds)).astype(np.uint8)
        out = _sample(skin, from_["middle"])
        self._open_eyes(out, skin, from_, action)
        self._open_mouth(out, skin, from_, action)
        canvas = self._canvas.copy()
        canvas[self._rows, self._columns] = out
        return canvas

    def _sheets(self, action: Action) -> dict[str, Array]:
        """Where each sheet's material came from, minus the place, at every texel of BOX."""
        amounts = {
            "smile_right": action.smile_right - PHOTOGRAPHED_SMILE,
            "smile_left": action.smile_left - PHOTOGRAPHED_SMILE,
            "close_upper": 1.0 - action.part,
            "brows": action.brows,
            "knit": action.knit,
            "squint": action.squint,
            "inner": action.inner,
            "sneer": action.sneer,
            "press": action.press,
            "tip": action.tip,
        }
        middle = np.sum([amount * self._fields[name] for name, amount in amounts.items()], axis=0)
        # A dropped jaw opens the lips whatever the smile does.
        jaw = action.jaw * self._fields["jaw"]
        seal = (1.0 - action.part) * max(0.0, 1.0 - 2.0 * action.jaw)
        lower = middle + jaw + seal * self._fields["close_lower"]
        upper = middle + -action.lids * self._fields["lid"]
        size = (self._skin.shape[1], self._skin.shape[0])
        return {
            name: cv2.resize(inverse(field.astype(np.float32), STEP), size)
            for name, field in (("upper", upper), ("middle", middle), ("lower", lower))
        }

    def _band(self, points: Array, margins: tuple[int, int, int, int]) -> tuple[slice, slice]:
        """The texels of BOX round points, with margins in units: left, above, right, below."""
        left, above, right, below = margins
        low = np.maximum((points.min(0) - (left, above) - BOX[:2]) * TEXELS, 0).astype(int)
        high = ((points.max(0) + (right, below) - BOX[:2]) * TEXELS).astype(int)
        return slice(low[1], high[1]), slice(low[0], high[0])

    def _open_eyes(self, out: Array, skin: Array, from_: dict[str, Array], action: Action) -> None:
        band = self._eye_band
        upper, middle = from_["upper"][band], from_["middle"][band]
        above, below = self._lids.above(upper), self._lids.below(middle)
        inside = self._lids.gap(middle[..., 0]) > 0.05
        lid = _sample(skin, upper) * _lash(above, inside)[..., None]
        # The balls go with the head (muscles.fields_of moves the lids by so much at the eyes).
        gaze = np.array([1.6 * action.gaze_x, 1.0 * action.gaze_y - 3.7 * action.tip], np.float32)
        ball = _sample(self._eyeballs, self._places[band] - gaze).astype(np.float32)
        # The upper lid's shadow on the ball.
        ball *= np.clip(0.62 + 0.16 * -above, 0.62, 1.0)[..., None]
        self._compose(out, band, lid, ball, (above, below, inside))

    def _open_mouth(self, out: Array, skin: Array, from_: dict[str, Array], action: Action) -> None:
        band = self._mouth_band
        upper, lower = from_["middle"][band], from_["lower"][band]
        above, below = self._lips.above(upper), self._lips.below(lower)
        inside = self._lips.gap(upper[..., 0]) > 0.05
        lip = _sample(skin, lower).astype(np.float32)
        teeth = out[band].astype(np.float32)
        depth = -above  # below the upper lip, where the photograph's teeth are
        # Teeth end where the photograph's lower lip began; the rest is the mouth's dark inside.
        end = np.clip((self._lips.gap(upper[..., 0]) - depth) / 1.5, 0, 1)
        show = end * (0.35 + 0.65 * np.clip(action.part + 0.3, 0, 1))
        hole = self._mouth_shade + (teeth - self._mouth_shade) * show[..., None]
        upper_lip = out[band] * _crease(above, inside)[..., None]
        lip *= _crease(below, inside)[..., None]
        self._compose(out, band, upper_lip, hole, (above, below, inside), lip)

    def _compose(self, out: Array, band: tuple[slice, slice], upper: Array, gap: Array,
                 seam: tuple[Array, Array, Array], lower: Array | None = None) -> None:  # fmt: skip
        """Lays the lower sheet over the upper sheet over the gap; edges a texel soft."""
        above, below, inside = seam
        lower = out[band].astype(np.float32) if lower is None else lower
        is_upper = np.where(inside, np.clip(above * TEXELS + 0.5, 0, 1), 1)[..., None]
        is_lower = np.clip(below * TEXELS + 0.5, 0, 1)[..., None]
        mixed = gap + (upper - gap) * is_upper
        mixed += (lower - mixed) * is_lower
        out[band] = np.clip(mixed, 0, 255).astype(np.uint8)


def _sample(texture: Array, units: Array) -> Array:
    """A texture of BOX at places [..., 2] in units."""
    x = (units[..., 0] - BOX[0] + 0.5) * TEXELS - 0.5
    y = (units[..., 1] - BOX[1] + 0.5) * TEXELS - 0.5
    return cv2.remap(texture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _lash(above: Array, inside: Array) -> Array:
    return 1 - 0.55 * np.exp(-((above / 0.9) ** 2)) * inside


def _crease(distance: Array, inside: Array) -> Array:
    return 1 - 0.5 * np.exp(-((distance / 0.8) ** 2)) * inside
