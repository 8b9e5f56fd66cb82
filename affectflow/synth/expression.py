"""How valence and arousal move a face: a few muscle-like actions.

The mapping follows the circumplex's usual reading: valence lies in the mouth (corners up and out or
down and in), the cheeks and the knitted brow; arousal in raised brows, wide lids and a dropped jaw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Action:
    """What the parts of a face do; 0 is the face at rest, signs and units per field.

    Attributes:
        smile_right, smile_left: mouth corners, -1 drawn down and in … 1 drawn up and out.
        part: lips parted over the teeth, 0 closed … 1 as in a broad smile.
        jaw: dropped, 0 … 1.
        brows: raised, -1 lowered … 1 raised.
        knit: inner brows drawn together and down, 0 … 1.
        lids: upper lids, -1 shut … 0 at rest … 1 wide.
        squint: lower lids raised by the cheeks, 0 … 1.
        gaze_x, gaze_y: direction of the eyes, -1 … 1 of their range; y is down.
        inner: inner ends of the brows raised, 0 … 1 (FACS action unit 1).
        sneer: upper lip and wings of the nose raised, 0 … 1 (units 9 and 10).
        press: lips pressed together, 0 … 1 (units 23 and 24).
        tip: head tipped, -1 bowed … 1 lifted, as what it moves on a head seen from the front.
    """

    smile_right: float = 0.0
    smile_left: float = 0.0
    part: float = 0.0
    jaw: float = 0.0
    brows: float = 0.0
    knit: float = 0.0
    lids: float = 0.0
    squint: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    inner: float = 0.0
    sneer: float = 0.0
    press: float = 0.0
    tip: float = 0.0


def express(valence: float, arousal: float, skew: float = 0.0, blink: float = 0.0,
            speech: float = 0.0, gaze: tuple[float, float] = (0.0, 0.0)) -> Action:  # fmt: skip
    """The face of somebody who feels (valence, arousal), each in [-1, 1] (a little beyond is fine).

    Args:
        skew: how much stronger the left corner of the mouth moves than the right.
        blink: 1 shuts the lids whatever the arousal.
        speech: added to the jaw, in its units.
        gaze: direction of the eyes.
    """
    high, low = max(arousal, 0.0), max(-arousal, 0.0)
    joy, gloom = max(valence, 0.0), max(-valence, 0.0)
    jaw = float(np.clip(0.8 * max(arousal + 0.1, 0.0) ** 1.2 + speech, 0.0, 1.0))
    lids = float(np.clip(0.8 * high - 0.8 * low, -1.0, 1.0))
    return Action(
        smile_right=valence - skew / 2,
        smile_left=valence + skew / 2,
        part=float(np.clip(1.25 * joy - 0.25, 0.0, 1.0)),
        jaw=jaw,
        brows=arousal,
        knit=float(np.clip(1.1 * gloom - 0.1, 0.0, 1.2)),
        lids=lids + (-1.0 - lids) * blink,
        squint=0.8 * joy,
        gaze_x=gaze[0],
        gaze_y=gaze[1] - 0.3 * low,
    )
