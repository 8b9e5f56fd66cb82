"""When frames of any video, with any timestamps, are shown in a video of constant rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

LONGEST_GAP_S = 60.0
RATES = (1, 120)
DEFAULT_RATE = Fraction(25)

_BACK_S = 1.0
_LEAST_STEPS = 5


def constant_rate(fps: float | None, seconds: Sequence[float]) -> Fraction:
    """The rate, in pictures a second, at which a video keeps its frames as they are if it can.

    Args:
        fps: what the file states; None = nothing.
        seconds: times of the first frames; NaN = none.

    Returns:
        What is stated, or what the first frames show by following each other evenly if that is
        faster or nothing credible is stated: files state an average, which a cut or a pause has
        lowered, and some state their clock's rate. At a rate too high a frame is repeated now and
        then; at one too low frames are lost. Never beyond ``RATES``; 25 where nothing is known.
    """
    least, most = RATES
    stated = fps if fps is not None and math.isfinite(fps) and fps > 0 else None
    shown = _even_rate(seconds)
    if shown is not None and (stated is None or stated > most or shown > 1.01 * stated):
        rate = _usual(shown, within=0.004 * shown)
    elif stated is not None:
        # ffmpeg states two decimals: 23.98 for 24000/1001, which taken at its word would repeat a
        # frame every few minutes.
        rate = _usual(stated, within=0.006)
    else:
        rate = DEFAULT_RATE
    return min(max(rate, Fraction(least)), Fraction(most))


def _even_rate(seconds: Sequence[float]) -> float | None:
    """The rate of frames that follow each other evenly; None for others, and for too few."""
    steps = [after - before for before, after in pairwise(seconds)]
    if len(steps) < _LEAST_STEPS or not min(steps) > 0 or not max(steps) < 1.5 * min(steps):
        return None
    rate = len(steps) / sum(steps)
    return rate if math.isfinite(rate) else None


def _usual(rate: float, within: float) -> Fraction:
    """The nearest whole number or n·1000/1001, if one is as near as that; else the rate itself."""
    ntsc = Fraction(round(rate * 1.001) * 1000, 1001)
    nearest = min(Fraction(round(rate)), ntsc, key=lambda usual: abs(usual - rate))
    return nearest if abs(nearest - rate) < within else Fraction(rate).limit_denominator(1000)


class Slots:
    """Which slot of a video of constant rate each frame goes into.

    Attributes:
        last: the slot of the last frame; -1 before the first.
    """

    def __init__(self, rate: float):
        self._rate = rate
        self._start = math.nan  # the time of slot 0
        self._longest_s = LONGEST_GAP_S
        self.last = -1

    def place(self, second: float) -> int:
        """The slot of the frame shown at ``second``; NaN is the one after the last frame's."""
        slot = self.last + 1
        if math.isfinite(second):
            if math.isnan(self._start):
                self._start = second - slot / self._rate
            wanted = math.floor((second - self._start) * self._rate + 0.5)
            farthest = self.last + max(1, round(self._longest_s * self._rate))
            if wanted > farthest:
                # Timestamps that leap by hours come from broken files (a counter that overflows):
                # filled with repeats, a file of a few kilobytes would be drawn for days. The
                # picture then runs ahead of the sound by what is left out.
                wanted = farthest
                self._start = second - wanted / self._rate
            elif wanted < self.last - _BACK_S * self._rate:
                # Likewise backwards: the clock begins anew, or all frames up to the time that was
                # reached would fall into one slot.
                wanted = slot
                self._start = second - wanted / self._rate
                # Each time it is believed less, for a clock that goes to and fro would have every
                # other frame repeated for a minute.
                self._longest_s /= 2
            slot = max(wanted, self.last)
        self.last = slot
        return slot
