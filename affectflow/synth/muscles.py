"""How each action of ``expression.Action`` moves the skin: one smooth displacement an action."""

from __future__ import annotations

import numpy as np

from affectflow.synth.photograph import LEFT_BROW, RIGHT_BROW, Array, grid
from affectflow.synth.seam import Seam
from affectflow.synth.warp import blob

BOX = (140, 40, 172, 176)  # the area that an expression moves, in units (inside CANVAS)
STEP = 2.0  # units between the points where displacements are computed


def fields_of(landmarks: Array, lids: Seam, lips: Seam) -> dict[str, Array]:
    """The displacement of each action at strength 1, float32 [rows, columns, 2] in units."""
    at = grid(STEP, BOX)
    x, y = at[..., 0], at[..., 1]
    corner_r, corner_l = landmarks[61], landmarks[291]
    centre = (corner_r + corner_l) / 2
    half = (corner_l[0] - corner_r[0]) / 2
    zero = np.zeros_like(x)

    def field(dx: Array, dy: Array) -> Array:
        return np.stack([dx, dy], -1).astype(np.float32)

    # Corners: the whole mouth bends like a parabola, strongest at the corner, then fades.
    u = (x - centre[0]) / half
    beyond = np.exp(-0.5 * (np.maximum(np.abs(u) - 1, 0) * half / 11) ** 2)
    height = np.exp(-0.5 * ((y - centre[1]) / np.where(y < centre[1], 15, 17)) ** 2)
    bow = np.minimum(u * u, 1) * beyond * height
    pull = np.minimum(np.abs(u), 1) * beyond * height
    fields = {}
    for name, side in (("smile_right", -1), ("smile_left", 1)):
        here = 1 / (1 + np.exp(-side * u * 6))
        cheek = blob(at, centre + (side * half * 1.25, -24), 13, 11)
        fields[name] = field(side * 5.0 * pull * here, -9.5 * bow * here - 2.0 * cheek)

    gap = lips.gap(x)
    over = np.exp(-0.5 * (np.maximum(lips.above(at), 0) / 7) ** 2)
    under = np.exp(-0.5 * (np.maximum(lips.below(at), 0) / 9) ** 2)
    fields["close_upper"] = field(zero, 0.3 * gap * over)
    fields["close_lower"] = field(zero, -1.05 * gap * under)

    # The sneer lifts the upper lip off the lower, so it ends at the gap between them.
    free = np.clip(-lips.below(at) / np.maximum(gap, 0.5), 0, 1)
    lip = np.max([blob(at, landmarks[i] + (0, -3), 7, 9) for i in (37, 267)], axis=0)
    wing = np.max([blob(at, landmarks[i], 8, 10) for i in (129, 358)], axis=0)
    fields["sneer"] = field(zero, -(5.5 * lip * free + 3.5 * wing))
    # Pressed lips roll in: their red narrows towards the seam.
    narrow = np.clip(1.15 - u * u, 0, 1)
    roll_upper = lips.above(at) * np.exp(-0.5 * (lips.above(at) / 5) ** 2) * (lips.above(at) > 0)
    roll_lower = lips.below(at) * np.exp(-0.5 * (lips.below(at) / 6) ** 2) * (lips.below(at) > 0)
    fields["press"] = field(zero, 0.5 * narrow * (roll_upper - roll_lower))

    # The jaw hangs from the corners at the lips and takes the whole chin below.
    lip_y, chin_y = landmarks[14][1], landmarks[152][1]
    narrow = np.sqrt(np.clip(1 - u * u, 0, 1))
    broad = np.exp(-((np.abs(x - centre[0]) / 36) ** 4))
    down = np.clip((y - lip_y) / (chin_y - lip_y), 0, 1)
    down = down * down * (3 - 2 * down)
    tail = np.exp(-0.5 * (np.maximum(y - chin_y, 0) / 14) ** 2)
    fields["jaw"] = field(zero, 15.0 * (narrow + (broad - narrow) * down) * tail)

    raised, knit = zero, field(zero, zero)
    for brow, inner, side in ((RIGHT_BROW, RIGHT_BROW[-1], 1), (LEFT_BROW, LEFT_BROW[0], -1)):
        points = landmarks[list(brow)]
        raised = raised + np.max([blob(at, p + (0, -1), 8, 8) for p in points], axis=0)
        root = blob(at, landmarks[inner], 8, 8)
        knit = knit + field(side * 3.5 * root, 4.0 * root)
    fields["brows"] = field(zero, -7.5 * np.minimum(raised, 1))
    fields["knit"] = knit
    roots = [blob(at, landmarks[i] + (0, -2), 8, 10) for i in (RIGHT_BROW[-1], LEFT_BROW[0])]
    fields["inner"] = field(zero, -7.0 * np.max(roots, axis=0))

    # A head that tips moves its features over its outline, most in the middle of the face.
    fields["tip"] = field(zero, -5.0 * blob(at, landmarks[1] + (0, -8), 36, 42))

    lid_gap = lids.gap(x)
    lifted = np.exp(-0.5 * (np.maximum(lids.above(at), 0) / 4.0) ** 2)
    # At -1 the upper lid meets the lower; wide open is less than that the other way.
    fields["lid"] = field(zero, lid_gap * lifted)
    lower_lid = np.exp(-0.5 * (np.maximum(lids.below(at), 0) / 5) ** 2)
    fields["squint"] = field(zero, -0.22 * lid_gap * lower_lid)
    return {name: value * _fade(at)[..., None] for name, value in fields.items()}


def _fade(at: Array) -> Array:
    """1 inside BOX, falling to 0 at its border, so that the moved face joins the still head."""
    x, y, width, height = BOX
    edge = np.minimum.reduce(
        [at[..., 0] - x, x + width - at[..., 0], at[..., 1] - y, y + height - at[..., 1]]
    )
    return np.clip(edge / 14, 0, 1).astype(np.float32)
