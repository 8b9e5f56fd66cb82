"""The one photograph that every rendered person is made from, and where its parts are.

scikit-image's ``astronaut`` (NASA, public domain). Positions are in *units*: pixels of that 512x512
photograph. Textures cover the CANVAS rectangle of it at TEXELS pixels a unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

CANVAS = (14, -14, 420, 344)  # x, y, width, height in units
TEXELS = 2

# MediaPipe face mesh indices. "right" is the person's right, the left of the photograph.
LIPS_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
LIPS_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
LIPS_OUTER = (
    61,
    185,
    40,
    39,
    37,
    0,
    267,
    269,
    270,
    409,
    291,
    375,
    321,
    405,
    314,
    17,
    84,
    181,
    91,
    146,
)
RIGHT_LID_UPPER = (33, 246, 161, 160, 159, 158, 157, 173, 133)
RIGHT_LID_LOWER = (33, 7, 163, 144, 145, 153, 154, 155, 133)
LEFT_LID_UPPER = (362, 398, 384, 385, 386, 387, 388, 466, 263)
LEFT_LID_LOWER = (362, 382, 381, 380, 374, 373, 390, 249, 263)
RIGHT_BROW = (70, 63, 105, 66, 107)
LEFT_BROW = (336, 296, 334, 293, 300)
OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip


# eq=False: one photograph is another only if it is the same object, so that it can be a key.
@dataclass(frozen=True, eq=False)
class Photograph:
    """The photograph, cut out and understood.

    Attributes:
        rgb: uint8 [H, W, 3] texture of the canvas.
        matte, skin, hair, cloth: uint8 [H, W] masks, 255 where it is so.
        landmarks: float64 [468, 2] face mesh in units.
    """

    rgb: Array
    matte: Array
    skin: Array
    hair: Array
    cloth: Array
    landmarks: Array


def texel(points: Array) -> Array:
    """Units -> (column, row) in a texture of the canvas; a unit's centre stays a centre."""
    return (np.asarray(points, np.float64) - CANVAS[:2] + 0.5) * TEXELS - 0.5


def grid(step: float = 1 / TEXELS, area: tuple[float, float, float, float] = CANVAS) -> Array:
    """Units [rows, columns, 2] (x, y) of the samples of an area, ``step`` units apart."""
    x, y, width, height = area
    first = (step - 1) / 2
    xs = x + first + step * np.arange(round(width / step))
    ys = y + first + step * np.arange(round(height / step))
    return np.stack(np.meshgrid(xs, ys), axis=-1)


def polygon(points: Array, blur: float = 1.0) -> Array:
    """uint8 mask [H, W] of a polygon given in units [N, 2], softened by ``blur`` units."""
    mask = np.zeros((CANVAS[3] * TEXELS, CANVAS[2] * TEXELS), np.uint8)
    cv2.fillPoly(mask, [np.round(texel(points) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return cv2.GaussianBlur(mask, (0, 0), blur * TEXELS)


def load_photograph() -> Photograph:
    """Cut the photograph out and find its landmarks with MediaPipe (about a second)."""
    import skimage.data

    image = skimage.data.astronaut()
    landmarks, person = _find(image)
    x, y, width, height = CANVAS

    def canvas(plane: Array, border: int) -> Array:
        padded = cv2.copyMakeBorder(plane, -y, 0, 0, 0, border)[:height, x : x + width]
        return cv2.resize(padded, None, fx=TEXELS, fy=TEXELS, interpolation=cv2.INTER_CUBIC)

    rgb = canvas(image, cv2.BORDER_REPLICATE)
    # Twice the photograph's pixels look soft; a mild unsharp mask gives the edges back.
    rgb = cv2.addWeighted(rgb, 1.6, cv2.GaussianBlur(rgb, (0, 0), 1.6), -0.6, 0)
    matte = cv2.GaussianBlur(canvas(person, cv2.BORDER_CONSTANT), (0, 0), 1.0)
    # Shrunk by a texel, so that no rim of the old background shows.
    matte = cv2.erode(matte, np.ones((3, 3), np.uint8))
    hair, skin, cloth = _materials(rgb, matte, landmarks)
    return Photograph(rgb, matte, skin, hair, cloth, landmarks)


def _find(image: Array) -> tuple[Array, Array]:
    """Landmarks [468, 2] in units and the person's mask uint8 of the whole photograph."""
    import mediapipe as mp

    height, width = image.shape[:2]
    with mp.solutions.face_mesh.FaceMesh(static_image_mode=True) as mesh:
        points = mesh.process(image).multi_face_landmarks[0].landmark
    # Rounded: the last bits differ between processors, and equal seeds must give equal files.
    landmarks = np.round(np.array([(p.x * width, p.y * height) for p in points]), 1)
    with mp.solutions.selfie_segmentation.SelfieSegmentation(model_selection=0) as segmenter:
        likely = segmenter.process(image).segmentation_mask
    trimap = np.where(likely > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[likely > 0.95] = cv2.GC_FGD
    trimap[likely < 0.05] = cv2.GC_BGD
    # The wall between ear and collar, which segmentation takes for skin: bright and grey.
    light, a, b = cv2.split(cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))
    beside = np.zeros(trimap.shape, bool)
    beside[115:190, 258:] = beside[115:150, :190] = True
    trimap[beside & (light > 68) & (np.hypot(a, b) < 9)] = cv2.GC_BGD
    cv2.setRNGSeed(0)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(image, trimap, None, *models, 3, cv2.GC_INIT_WITH_MASK)
    person = np.isin(trimap, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8) * 255
    return landmarks, person


def _materials(rgb: Array, matte: Array, landmarks: Array) -> tuple[Array, Array, Array]:
    """Soft masks of hair, skin and cloth by colour and place (CIE Lab, thresholds read off)."""
    lab = cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    light, a, b = cv2.split(cv2.GaussianBlur(lab, (0, 0), 2.0))
    units = grid()
    x, y = units[..., 0], units[..., 1]
    face = polygon(landmarks[list(OVAL)], 1.5).astype(np.float32) / 255
    features = np.zeros_like(face)
    for part in (
        LIPS_UPPER + LIPS_LOWER[::-1],
        RIGHT_LID_UPPER + RIGHT_LID_LOWER[::-1],
        LEFT_LID_UPPER + LEFT_LID_LOWER[::-1],
    ):
        features = np.maximum(
            features, polygon(landmarks[list(part)], 0.7).astype(np.float32) / 255
        )
    # Above the fringe's highest edge all is hair; beside and below it, what is yellow or dark.
    hairy = np.maximum(_ramp(b - 1.5 * a, 12, 20), _ramp(-light, -52, -42))
    hairy = np.maximum(hairy, _ramp(-y, -68, -62))
    hair = _ramp(-y, -150, -140) * hairy * (1 - _ramp(y, 88, 94) * face)
    head = _ramp(-y, -192, -184) * _ramp(-np.abs(x - 226), -62, -56)
    neck = _ramp(y, 150, 160) * head * _ramp(-np.abs(x - 224), -44, -38)
    bare = np.maximum(_ramp(light, 45, 60) * _ramp(a, 1.5, 3), _ramp(light, 28, 40) * neck)
    skin = np.maximum(face, bare) * head * (1 - hair) * (1 - features)
    cloth = _ramp(y, 150, 160) * np.clip(1 - skin - hair - neck, 0, 1)
    present = matte.astype(np.float32)
    return tuple((mask * present).astype(np.uint8) for mask in (hair, skin, cloth))


def _ramp(value: Array, low: float, high: float) -> Array:
    return np.clip((value - low) / (high - low), 0, 1).astype(np.float32)
