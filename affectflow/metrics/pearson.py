"""Pearson's correlation: agreement in shape, blind to shift and scale."""

from __future__ import annotations

from numpy.typing import ArrayLike

from affectflow.metrics.ccc import CoMoments


def pearson(x: ArrayLike, y: ArrayLike) -> float:
    """Pearson's r of two series of one shape; NaN when either is constant."""
    return CoMoments.of(x, y).pearson()
