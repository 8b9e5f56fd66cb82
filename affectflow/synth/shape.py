"""Another skull under the photograph: smooth displacements that leave the mouth's corners alone."""

from __future__ import annotations

import numpy as np

from affectflow.synth.photograph import LEFT_BROW, RIGHT_BROW, Array, grid
from affectflow.synth.subject import SHAPES, Subject
from affectflow.synth.warp import bend, blob

_STEP = 4.0


def reshape(subject: Subject, landmarks: Array, *textures: Array) -> tuple[Array, list[Array]]:
    """The landmarks [468, 2] and the textures of the canvas, with the subject's shape."""
    field = _displacement(subject, landmarks, grid(_STEP)).astype(np.float32)
    moved = landmarks + _displacement(subject, landmarks, landmarks)
    return moved, [bend(texture, field, _STEP) for texture in textures]


def _displacement(subject: Subject, landmarks: Array, at: Array) -> Array:
    """float [..., 2] in units at points [..., 2]."""
    strength = dict(zip(SHAPES, subject.shape, strict=True))
    x, y = at[..., 0], at[..., 1]
    mid = landmarks[1][0]
    sideways = (x - mid) / 46
    total = np.zeros(at.shape)

    def add(name: str, dx: Array | float, dy: Array | float) -> None:
        total[..., 0] += strength[name] * dx
        total[..., 1] += strength[name] * dy

    jaw_r, jaw_l = landmarks[172], landmarks[397]
    chin, nose = landmarks[152], landmarks[1]
    eyes = (landmarks[159] + landmarks[145]) / 2, (landmarks[386] + landmarks[374]) / 2
    add("jaw_width", 4.0 * (blob(at, jaw_l, 15, 20) - blob(at, jaw_r, 15, 20)), 0)
    add("face_width", 3.2 * sideways * blob(at, np.array((mid, 110)), 60, 70), 0)
    long = blob(at, chin + (0, 10), 50, 26)
    add("face_length", 0, 5.0 * long - 2.0 * blob(at, landmarks[10], 50, 20))
    for eye, side in zip(eyes, (-1, 1), strict=True):
        near = blob(at, eye, 10, 8)
        add("eye_size", 0.09 * (x - eye[0]) * near, 0.14 * (y - eye[1]) * near)
        add("eye_spacing", 1.5 * side * blob(at, eye, 15, 13), 0)
    wing = blob(at, nose, 11, 10)
    add("nose_width", 0.17 * (x - nose[0]) * wing, 0)
    add("nose_length", 0, 2.0 * blob(at, nose + (0, -2), 12, 11))
    for brow, outer in ((RIGHT_BROW, 0), (LEFT_BROW, -1)):
        tilt = blob(at, landmarks[brow[outer]], 9, 7) - blob(at, landmarks[brow[-1 - outer]], 9, 7)
        add("brow_tilt", 0, 1.2 * tilt)
    for cheek, side in ((landmarks[123], -1), (landmarks[352], 1)):
        add("cheek_fullness", 2.6 * side * blob(at, cheek, 13, 16), 0)
    add("chin_width", 0.13 * (x - chin[0]) * blob(at, chin + (0, -4), 17, 13), 0)
    lips = (landmarks[13] + landmarks[14]) / 2
    # Lips thicken away from the seam without moving the corners.
    add("lip_fullness", 0, 0.11 * (y - lips[1]) * blob(at, lips, 15, 9))
    crown = np.clip((118 - y) / 40, 0, 1)
    away = np.clip((np.abs(x - mid) - 34) / 16, 0, 1) * np.sign(x - mid)
    beside = np.exp(-0.5 * (np.maximum(np.abs(x - mid) - 75, 0) / 25) ** 2)
    add("hair_volume", 5.5 * away * beside * np.exp(-0.5 * ((y - 85) / 45) ** 2), 0)
    above = np.exp(-0.5 * (np.maximum(12 - y, 0) / 12) ** 2)
    add("hair_height", 0, -5.0 * crown * np.clip((70 - y) / 45, 0, 1) * above)
    add("neck_width", 0.09 * (x - mid) * blob(at, np.array((mid, 182)), 30, 12), 0)
    return total
