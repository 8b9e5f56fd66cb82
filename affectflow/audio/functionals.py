"""A clip's sound as one vector: statistics of its contours (paper 3, Sec. 3.2).

Paper 3 took "precalculated audio features that came with the dataset", a "1500 dimensional vector"
whose majority "were related to the Mel-frequency cepstral coefficients". AFEW's were made by
openSMILE, low-level descriptors and their deltas times functionals. These are made in the same
way, by librosa; values differ from openSMILE's.
"""

from __future__ import annotations

import numpy as np

from affectflow.audio.descriptors import DESCRIPTORS, HOP, descriptors

FUNCTIONALS = (
    "mean",
    "std",
    "skewness",
    "kurtosis",
    "min",
    "max",
    "range",
    "quartile1",
    "median",
    "quartile3",
    "iqr",
    "slope",
    "residual",
    "max_position",
)
"""Names of the statistics, in their order.

``kurtosis``: in excess of a normal distribution's; it and ``skewness`` are 0 where nothing varies.
``iqr``: from the first to the third quartile.
``slope``, ``residual``: of the regression line over time, by second, and the root mean square
    of what it leaves.
``max_position``: when the maximum is, from 0, the start, to 1, the end.
"""


def functional_names() -> tuple[str, ...]:
    """Names of a vector's elements in order, e.g. ``mfcc3_delta_quartile1``."""
    return tuple(f"{contour}_{name}" for contour in DESCRIPTORS for name in FUNCTIONALS)


FEATURES = len(functional_names())
"""Length of a vector: 109 contours of 14 statistics each."""


def functionals(samples: np.ndarray, rate: int) -> np.ndarray:
    """Describes a sound of any length.

    Args:
        samples: float32 [N], one channel in [-1, 1], finite.
        rate: Hz, 16 000 … 32 000; vectors are comparable only at the same rate.

    Returns:
        float32 [FEATURES], finite, in the order of :func:`functional_names`; equal samples give
        equal vectors.

    Raises:
        InputError: see :func:`affectflow.audio.descriptors.descriptors`.
    """
    return _statistics(descriptors(samples, rate), HOP / rate).ravel().astype(np.float32)


def _statistics(contours: np.ndarray, step_s: float) -> np.ndarray:
    """float64 [L, T], T > 1 → float64 [L, len(FUNCTIONALS)]."""
    count = contours.shape[1]
    mean = contours.mean(axis=1)
    centred = contours - mean[:, np.newaxis]
    std = np.sqrt((centred**2).mean(axis=1))
    # Where all that varies is rounding, its shape would be noise of any size.
    varies = std > 1e-6 * np.abs(contours).max(axis=1)
    shape = centred / np.where(varies, std, 1)[:, np.newaxis] * varies[:, np.newaxis]
    lowest, quartile1, median, quartile3, highest = np.percentile(
        contours, [0, 25, 50, 75, 100], axis=1
    )
    time = (np.arange(count) - (count - 1) / 2) * step_s
    slope = centred @ time / (time @ time)
    residual = np.sqrt(((centred - np.outer(slope, time)) ** 2).mean(axis=1))
    columns = {
        "mean": mean,
        "std": std,
        "skewness": (shape**3).mean(axis=1),
        "kurtosis": (shape**4).mean(axis=1) - 3 * varies,
        "min": lowest,
        "max": highest,
        "range": highest - lowest,
        "quartile1": quartile1,
        "median": median,
        "quartile3": quartile3,
        "iqr": quartile3 - quartile1,
        "slope": slope,
        "residual": residual,
        "max_position": contours.argmax(axis=1) / (count - 1) * varies,
    }
    return np.stack([columns[name] for name in FUNCTIONALS], axis=1)
