"""Two sides in turn, so that what slows the machine for a while slows both."""

from __future__ import annotations

import statistics
from collections.abc import Callable


def interleaved(
    first: Callable[[], float], second: Callable[[], float], rounds: int
) -> tuple[float, float]:
    """Medians of two measurements, taken first, second, first, second, …"""
    pairs = [(first(), second()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
