"""A linear projection of a clip's audio features, fitted before the network is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class AudioProjection:
    """(features − mean) / scale · matrix, such as of a linear discriminant analysis.

    Attributes:
        mean, scale: [D], of the training set; scale is above 0.
        matrix: [D, K]; of an LDA of C classes K is C − 1 at most.

    Raises:
        ValueError: shapes that do not fit, numbers that are not finite, a scale of 0 or less.
    """

    mean: np.ndarray
    scale: np.ndarray
    matrix: np.ndarray

    def __post_init__(self) -> None:
        for name in ("mean", "scale", "matrix"):
            array = np.asarray(getattr(self, name), np.float64)
            object.__setattr__(self, name, array)
            if not np.isfinite(array).all():
                raise ValueError(f"the {name} of an audio projection is not finite")
        shapes = self.mean.shape, self.scale.shape, self.matrix.shape
        if self.matrix.ndim != 2 or shapes[:2] != (self.matrix.shape[:1],) * 2:
            raise ValueError(f"mean, scale and matrix of shapes {shapes}, not [D], [D] and [D, K]")
        if (self.scale <= 0).any():
            raise ValueError("the scale of an audio projection is not above 0 everywhere")

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """float [..., D] -> float64 [..., K]."""
        return (features - self.mean) / self.scale @ self.matrix
