"""Where an axis of numbers of things has its ticks."""

from __future__ import annotations

from matplotlib.ticker import MaxNLocator


def whole_numbers(most: int = 4) -> MaxNLocator:
    """At whole numbers only: there is no half frame."""
    return MaxNLocator(nbins=most, integer=True, steps=[1, 2, 5, 10])
