"""The density grid: how many frames fall in each cell of the valence-arousal plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Annotations have few decimals (Aff-Wild2: three) and often stand on an edge. A float32 is up to
# 3e-8 below its decimal there; this much more puts it in the upper cell, whatever the float.
_EDGE_TOLERANCE = 2e-7

GRIDS_FILE = "grids.npz"
"""Training frames a cell, int64 [cells, cells]: ``before`` and ``after`` balancing, ``counted``."""


@dataclass(frozen=True)
class DensityGrid:
    """``cells`` x ``cells`` equal cells over [-1, 1] x [-1, 1] (paper 0, Sec. IV-B2: 40 x 40).

    A value on an edge belongs to the upper cell, 1.0 to the last. Both axes have their own edges
    and -1.0 falls in the first cell; the paper's published code binned arousal with the edges of
    valence and wrapped the minimum into the last bin, which is not copied.
    """

    cells: int = 40

    def __post_init__(self) -> None:
        if self.cells < 1:
            raise ValueError(f"cells is {self.cells}; it must be at least 1")

    def cell(self, valence: np.ndarray | float, arousal: np.ndarray | float) -> np.ndarray:
        """The flat cell index of each frame.

        Args:
            valence, arousal: float arrays of one shape, in [-1, 1]; NaN = not annotated.

        Returns:
            int64 of that shape: ``row * cells + column``, row by valence and column by arousal;
            -1 where either is NaN.

        Raises:
            ValueError: a value outside [-1, 1].
        """
        row, column = self._axis(valence), self._axis(arousal)
        return np.where((row < 0) | (column < 0), -1, row * self.cells + column)

    def histogram(
        self, valence: np.ndarray, arousal: np.ndarray, frames: np.ndarray | None = None
    ) -> np.ndarray:
        """Frames a cell: int64 [cells, cells], axis 0 by valence, axis 1 by arousal.

        Frames with a NaN are not counted. Histograms of parts add up to that of the whole.

        Args:
            frames: int64 of the same shape, how many frames have each label; None = one has.
        """
        cell = np.ravel(self.cell(valence, arousal))
        inside = cell >= 0
        many = None if frames is None else np.ravel(frames)[inside]
        # With weights the counts are float64, which is exact up to 2^53 frames.
        counts = np.bincount(cell[inside], many, minlength=self.cells**2)
        return counts.astype(np.int64).reshape(self.cells, self.cells)

    def _axis(self, values: np.ndarray | float) -> np.ndarray:
        x = np.asarray(values, np.float64)
        missing = np.isnan(x)
        if (np.abs(x[~missing]) > 1).any():
            worst = x[~missing][np.argmax(np.abs(x[~missing]))]
            raise ValueError(f"label {worst:g} is outside [-1, 1]")
        scaled = np.where(missing, 0.0, x + 1 + _EDGE_TOLERANCE) * (self.cells / 2)
        index = np.minimum(np.floor(scaled).astype(np.int64), self.cells - 1)
        return np.where(missing, -1, index)
