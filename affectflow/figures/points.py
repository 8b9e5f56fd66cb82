"""Fewer points that look the same."""

from __future__ import annotations

import numpy as np

MOST_MARKS = 2500
"""As many marks of a layer are written one by one; more are drawn as a picture (rasterised)."""


def one_a_cell(x: np.ndarray, y: np.ndarray, step: float) -> np.ndarray:
    """Of the points that fall in one square of ``step`` the first: what lies under it is unseen.

    Args:
        x, y: float [n].
        step: side of a square, in their unit; about a pixel of the figure.

    Returns:
        int64, positions in ascending order; points with a NaN are left out.
    """
    there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    cells = np.floor(np.stack([x[there], y[there]], axis=-1) / step).astype(np.int64)
    _, first = np.unique(cells, axis=0, return_index=True)
    return there[np.sort(first)]


def check_ascending(x: np.ndarray) -> None:
    """Raises ValueError unless x is [n], finite, each value greater than the one before."""
    if x.ndim != 1 or not np.isfinite(x).all() or (np.diff(x) <= 0).any():
        raise ValueError("x does not ascend; finite numbers [n] that do would do")


def stretches(x: np.ndarray, series: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """A series as at most so many equally long stretches, each with its mean.

    Args:
        x: float [n], ascending.
        series: float [k, n]; NaN = no value, which is left out of a mean.
        most: stretches.

    Returns:
        The means of x, float64 [m], and of the series, float64 [k, m]; NaN where a stretch has no
        value. What has at most ``most`` values comes back as it is.
    """
    x, series = np.asarray(x, np.float64), np.asarray(series, np.float64)
    if len(x) <= most:
        return x, series
    part = np.minimum(((x - x[0]) / (x[-1] - x[0]) * most).astype(np.int64), most - 1)
    means = []
    for values in (x, *series):
        there = np.isfinite(values)
        number = np.bincount(part[there], minlength=most)
        with np.errstate(invalid="ignore"):
            means.append(np.bincount(part[there], values[there], most) / number)
    # Where even x is missing there was nothing: that is a gap, and ``with_gaps`` finds it.
    kept = np.isfinite(means[0])
    return means[0][kept], np.array(means[1:])[:, kept]


def with_gaps(x: np.ndarray, series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Puts a NaN into each place where x goes on more than twice its usual step.

    Args, returns: as of ``stretches``.
    """
    steps = np.diff(x)
    if not len(steps):
        return x, series
    after = np.flatnonzero(steps > 2.01 * np.median(steps)) + 1
    return np.insert(x, after, np.nan), np.insert(series, after, np.nan, axis=1)
