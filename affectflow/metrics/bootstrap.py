"""An interval for a pooled statistic, by resampling videos.

Frames of one video are near-copies of each other, so resampling frames would give an interval
that is far too narrow; the video is the unit that was drawn from the world.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from affectflow.metrics.ccc import CoMoments

_DRAWN_AT_ONCE = 1 << 22
Statistic = Literal["ccc", "pearson", "rmse"]


def bootstrap_over_videos(
    *series: Sequence[CoMoments],
    n: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    statistic: Statistic = "ccc",
) -> tuple[float, float]:
    """Percentile interval (Efron & Tibshirani 1993, ch. 13) of a statistic pooled over videos.

    Each of the ``n`` replicates draws as many videos as there are, with replacement, and merges
    their moments: no frame is touched again. Of several series it is the interval of the mean of
    their statistics. A replicate draws the same videos for all: what a model predicts of one video
    goes wrong together, so the interval of a mean does not follow from those of its parts.

    Args:
        series: the co-moments of each video, once for each predicted output; video i of one is
            video i of all.
        n: replicates.
        seed: of the draw; equal arguments give equal intervals.
        level: coverage, in (0, 1).
        statistic: "ccc", "pearson" or "rmse", pooled over all frames of the drawn videos.

    Returns:
        (low, high). One video gives an interval without width. (NaN, NaN) when no replicate has
        a value; replicates in which a series has none (no variance) are left out.

    Raises:
        ValueError: no series, no videos, series of different lengths, or an argument out of range.
    """
    counts = {len(videos) for videos in series}
    if len(counts) > 1:
        raise ValueError(f"series have {sorted(counts)} videos; the same videos in all would do")
    count = counts.pop() if counts else 0
    if not count:
        raise ValueError("videos is empty; a bootstrap needs at least one video")
    _check(n, level)
    if statistic not in ("ccc", "pearson", "rmse"):
        raise ValueError(f"statistic is {statistic!r}; ccc, pearson or rmse would do")

    rng = np.random.Generator(np.random.PCG64(seed))
    draws = rng.integers(0, count, size=(n, count))
    return _interval(np.mean([_pooled(v, draws, statistic) for v in series], axis=0), level)


def bootstrap_share(
    right: Sequence[int], total: Sequence[int], n: int = 1000, seed: int = 0, level: float = 0.95
) -> tuple[float, float]:
    """The same interval of a share, such as an accuracy: sum of ``right`` over sum of ``total``.

    Args:
        right: of each video, how many of its samples are right.
        total: of each video, how many samples it has; 0 for one that is not measured.
        n, seed, level: as for :func:`bootstrap_over_videos`.

    Returns:
        (low, high) in [0, 1]. (NaN, NaN) when no replicate has a sample; replicates without one
        are left out.

    Raises:
        ValueError: no videos, series of different lengths, more right than there are, or an
            argument out of range.
    """
    hits, samples = np.asarray(right, np.int64), np.asarray(total, np.int64)
    if hits.shape != samples.shape or hits.ndim != 1:
        raise ValueError(
            f"right has shape {list(hits.shape)} and total {list(samples.shape)};"
            " a number for each video in both would do"
        )
    count = len(hits)
    if not count:
        raise ValueError("right is empty; a bootstrap needs at least one video")
    if np.any((hits < 0) | (hits > samples)):
        raise ValueError("right is below 0 or above total; 0 to total of each video would do")
    _check(n, level)
    rng = np.random.Generator(np.random.PCG64(seed))
    # Still images are videos of one frame, of which a corpus may have many thousands.
    rows = max(1, _DRAWN_AT_ONCE // count)
    sums = []
    for start in range(0, n, rows):
        draws = rng.integers(0, count, size=(min(rows, n - start), count))
        sums.append((hits[draws].sum(axis=1), samples[draws].sum(axis=1)))
    drawn_hits, drawn_samples = (np.concatenate(parts) for parts in zip(*sums))
    some = drawn_samples > 0
    return _interval(drawn_hits[some] / drawn_samples[some], level)


def _check(n: int, level: float) -> None:
    """Raises ValueError where replicates or coverage are out of range."""
    if n < 1:
        raise ValueError(f"n is {n}; 1 or more would do")
    if not 0.0 < level < 1.0:
        raise ValueError(f"level is {level}; a number between 0 and 1 would do")


def _interval(values: np.ndarray, level: float) -> tuple[float, float]:
    """Percentiles of the replicates [n] that have a value; (NaN, NaN) where none has."""
    values = values[np.isfinite(values)]
    if values.size == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(values, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return float(low), float(high)


def _pooled(videos: Sequence[CoMoments], draws: np.ndarray, statistic: Statistic) -> np.ndarray:
    """The statistic of each row of video numbers [n, videos] -> [n]."""
    whole = sum(videos, CoMoments())
    count = np.array([v.n for v in videos], dtype=np.float64)
    # Means are taken from the whole corpus' mean, so that merging by sums does not cancel.
    mean_x = np.array([v.mean_x for v in videos]) - whole.mean_x
    mean_y = np.array([v.mean_y for v in videos]) - whole.mean_y
    mean_x[count == 0] = mean_y[count == 0] = 0.0
    m_xx = np.array([v.m_xx for v in videos])
    m_yy = np.array([v.m_yy for v in videos])
    c_xy = np.array([v.c_xy for v in videos])

    drawn = count[draws]
    total = drawn.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled_x = (drawn * mean_x[draws]).sum(axis=1, keepdims=True) / total
        pooled_y = (drawn * mean_y[draws]).sum(axis=1, keepdims=True) / total
        dx, dy = mean_x[draws] - pooled_x, mean_y[draws] - pooled_y
        s_xx = (m_xx[draws] + drawn * dx * dx).sum(axis=1)
        s_yy = (m_yy[draws] + drawn * dy * dy).sum(axis=1)
        s_xy = (c_xy[draws] + drawn * dx * dy).sum(axis=1)
        total = total[:, 0]
        gap = (whole.mean_x - whole.mean_y) + pooled_x[:, 0] - pooled_y[:, 0]
        if statistic == "ccc":
            return 2.0 * s_xy / (s_xx + s_yy + total * gap * gap)
        if statistic == "pearson":
            return s_xy / (np.sqrt(s_xx) * np.sqrt(s_yy))
        return np.sqrt(np.maximum(s_xx + s_yy - 2.0 * s_xy, 0.0) / total + gap * gap)
