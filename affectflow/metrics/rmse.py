"""Root mean squared error: the size of the error in the labels' own unit."""

from __future__ import annotations

from numpy.typing import ArrayLike

from affectflow.metrics.ccc import CoMoments


def rmse(x: ArrayLike, y: ArrayLike) -> float:
    """Root mean squared difference of two series of one shape; NaN when they are empty."""
    return CoMoments.of(x, y).rmse()
