"""A figure over runs that differ in their seed alone: its mean and its spread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def mean_and_iqr(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Mean and interquartile range, as Yin et al. (paper 1), Table 3, give them of 5 runs.

    The quartiles are NumPy's default: linear between the two nearest values (Hyndman & Fan 1996,
    definition 7). The paper does not say which it uses; of 5 runs they are the second smallest and
    the second largest.

    Args:
        values: [n] numbers, one a run.

    Returns:
        (mean, third quartile − first quartile), in the unit of the values. One run has a range of
        0. Both are NaN when any value is: a run that gave no value is not left out, or the runs
        that failed would better the figure.

    Raises:
        ValueError: there are no values, or they are not [n].
    """
    runs = np.asarray(values, dtype=np.float64)
    if runs.ndim != 1 or runs.size == 0:
        raise ValueError(f"values have shape {list(runs.shape)}; a number for each run would do")
    low, high = np.quantile(runs, [0.25, 0.75])
    return float(runs.mean()), float(high - low)
