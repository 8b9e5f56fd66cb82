"""Lin's concordance correlation coefficient (CCC) from co-moments that merge.

Everything that a run reports of a pair of series (CCC, Pearson's r, RMSE) follows from six
numbers. They are kept centred: sums of squares of raw values cancel when the variance is small
beside the mean, which is how labels of a calm video look.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True)
class CoMoments:
    """Centred first and second moments of paired values (x, y); ``CoMoments()`` is the empty one.

    Attributes:
        n: number of pairs.
        mean_x, mean_y: means.
        m_xx, m_yy: sums of squared deviations from the mean.
        c_xy: sum of the products of deviations.
    """

    n: int = 0
    mean_x: float = 0.0
    mean_y: float = 0.0
    m_xx: float = 0.0
    m_yy: float = 0.0
    c_xy: float = 0.0

    @classmethod
    def of(cls, x: ArrayLike, y: ArrayLike) -> CoMoments:
        """Moments of two series.

        Args:
            x, y: numbers of one shape; [n] as a rule. Pairs are counted whatever they hold: a NaN
                makes every statistic NaN, so leave unlabelled frames out before.

        Raises:
            ValueError: the shapes differ.
        """
        x64 = np.asarray(x, dtype=np.float64)
        y64 = np.asarray(y, dtype=np.float64)
        if x64.shape != y64.shape:
            raise ValueError(f"x and y must have one shape, found {x64.shape} and {y64.shape}")
        if x64.size == 0:
            return cls()
        mean_x, mean_y = _mean(x64), _mean(y64)
        dx, dy = x64 - mean_x, y64 - mean_y
        return cls(
            n=x64.size,
            mean_x=mean_x,
            mean_y=mean_y,
            m_xx=float(np.sum(dx * dx)),
            m_yy=float(np.sum(dy * dy)),
            c_xy=float(np.sum(dx * dy)),
        )

    def __add__(self, other: CoMoments) -> CoMoments:
        """Moments of both sets of pairs together.

        Chan, Golub & LeVeque 1983, "Algorithms for Computing the Sample Variance", eq. 2.1:
        M = M_a + M_b + (mean_b − mean_a)² · n_a·n_b / n, and likewise for the co-moment.
        """
        if not isinstance(other, CoMoments):
            return NotImplemented
        if self.n == 0:
            return other
        if other.n == 0:
            return self
        n = self.n + other.n
        dx = other.mean_x - self.mean_x
        dy = other.mean_y - self.mean_y
        share = other.n / n
        weight = self.n * share
        return CoMoments(
            n=n,
            mean_x=self.mean_x + dx * share,
            mean_y=self.mean_y + dy * share,
            m_xx=self.m_xx + other.m_xx + dx * dx * weight,
            m_yy=self.m_yy + other.m_yy + dy * dy * weight,
            c_xy=self.c_xy + other.c_xy + dx * dy * weight,
        )

    def __radd__(self, other: object) -> CoMoments:
        """Lets ``sum(moments)`` start from its 0."""
        return self if other == 0 else NotImplemented

    def ccc(self) -> float:
        """Lin 1989: 2·cov / (var_x + var_y + (mean_x − mean_y)²), population variances, in [−1, 1].

        NaN without pairs, and when both series are the same constant (0/0). Two different
        constants, or a constant against a series that moves, give 0.
        """
        if self.n == 0:
            return math.nan
        gap = self.mean_x - self.mean_y
        return _ratio(2.0 * self.c_xy, self.m_xx + self.m_yy + self.n * gap * gap)

    def pearson(self) -> float:
        """Pearson's r = cov / (sd_x · sd_y), in [−1, 1]; NaN when either series is constant."""
        # The roots are taken apart because the product of two tiny moments would underflow.
        return _ratio(self.c_xy, math.sqrt(self.m_xx) * math.sqrt(self.m_yy))

    def rmse(self) -> float:
        """Root of the mean squared difference, in the unit of the values; NaN without pairs."""
        if self.n == 0:
            return math.nan
        gap = self.mean_x - self.mean_y
        variance = (self.m_xx + self.m_yy - 2.0 * self.c_xy) / self.n
        return math.sqrt(max(variance, 0.0) + gap * gap) if not math.isnan(variance) else math.nan


def ccc(x: ArrayLike, y: ArrayLike) -> float:
    """CCC of two series of one shape; see ``CoMoments.ccc`` for series without variance."""
    return CoMoments.of(x, y).ccc()


def _mean(values: np.ndarray) -> float:
    # Shifting by a value of the series makes a constant series' mean, and so its variance, exact.
    shift = values.flat[0]
    return float(shift + np.mean(values - shift))


def _ratio(numerator: float, denominator: float) -> float:
    if denominator == 0.0 or math.isnan(denominator):
        return math.nan
    return min(max(numerator / denominator, -1.0), 1.0)
