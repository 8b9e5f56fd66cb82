"""Which frames of a clip a network of clips is shown, which takes a fixed number of them.

Positions are 0-based, int64, and never fall. A clip network sees what one of these rules picks, in
training and when served: ``class_serving.py`` has the last two as TensorFlow ops.
"""

from __future__ import annotations

import numpy as np

PAPER_FRAMES, PAPER_SHORTEST = 75, 35
"""Paper 4, section III.B: 75 frames a clip, and clips of fewer than 35 are not trained on."""


def segments(length: int, frames: int) -> list[np.ndarray]:
    """The pieces of a clip that ``conv3d_lstm`` is trained on (paper 4, section III.B).

    For 75 frames: a clip of fewer than 35 gives none; of 35 to 110 one, its first 75, or all of it
    and the last frame repeated; of 111 to 185 two; and each further 75 one more where 36 are left.
    Of a last piece that is shorter the last frame is repeated.

    What the text says: below 35 left out, 35 to 75 padded, of 75 to 110 the first 75, and of 150
    two. Between 110 and 150 it says nothing, and of the two clips beyond 150 neither. That the rest
    makes a piece from 36 frames on is inferred: 110 = 75 + 35 is where the text stops dropping it,
    and 35 is the least that it pads. Only so can its 7 442 clips give its 7 704 pieces, 262 more
    than there are clips: 567 of them have over 100 frames, and hardly any has 150.

    Args:
        length: frames of the clip, 0 or more.
        frames: frames of a piece, 1 or more. The 35 become frames · 35 / 75, rounded.

    Returns:
        int64 [frames] each.
    """
    shortest = round(frames * PAPER_SHORTEST / PAPER_FRAMES)
    if length < max(shortest, 1):
        return []
    further = max(0, -(-(length - frames - shortest) // frames))
    positions = np.arange((1 + further) * frames).reshape(-1, frames)
    return list(np.minimum(positions, length - 1))


def from_start(length: int, frames: int) -> np.ndarray:
    """One piece of a clip of any length: its first frames, or all and the last one repeated.

    What ``conv3d_lstm`` is served, where a short clip needs an answer too.

    Returns:
        int64 [frames].

    Raises:
        ValueError: a clip without frames.
    """
    _check(length)
    return np.minimum(np.arange(frames), length - 1)


def evenly(length: int, frames: int) -> np.ndarray:
    """Frames ⌊i · length / frames⌋: spaced over the whole clip, repeated where it is shorter.

    What ``audio_video`` is trained on and served. Paper 3 samples 25 frames a second and does not
    say how clips of unequal lengths were brought together; the sound is that of the whole clip, so
    the frames are too.

    Returns:
        int64 [frames].

    Raises:
        ValueError: a clip without frames.
    """
    _check(length)
    return np.arange(frames) * length // frames


def _check(length: int) -> None:
    if length < 1:
        raise ValueError("a clip without frames has none to pick from")
