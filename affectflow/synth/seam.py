"""Where the skin of a face can part: a curve of upper and one of lower edges, equal outside."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from affectflow.synth.photograph import CANVAS, Array

_SAMPLES = 8  # of a seam a unit


@dataclass(frozen=True)
class Seam:
    """One seam across the face (the lips, or both eyes' lids).

    Attributes:
        upper, lower: y in units at x = CANVAS left + i / 8; upper <= lower, equal where skin
            does not part.
    """

    upper: Array
    lower: Array

    @classmethod
    def through(cls, *openings: tuple[Array, Array]) -> Seam:
        """A seam through openings, left to right; each is (upper, lower) edge points [N, 2]."""
        x = CANVAS[0] + np.arange(CANVAS[2] * _SAMPLES) / _SAMPLES
        edges = []
        for side in (0, 1):
            points = np.concatenate([opening[side] for opening in openings])
            order = np.argsort(points[:, 0], kind="stable")
            edges.append(np.interp(x, points[order, 0], points[order, 1]))
        return cls(edges[0], np.maximum(edges[0], edges[1]))

    def _at(self, edge: Array, x: Array) -> Array:
        index = np.clip((x - CANVAS[0]) * _SAMPLES, 0, len(edge) - 1).astype(np.int32)
        return edge[index]

    def above(self, points: Array) -> Array:
        """How far points [..., 2] lie above the upper edge, in units."""
        return self._at(self.upper, points[..., 0]) - points[..., 1]

    def below(self, points: Array) -> Array:
        """How far points [..., 2] lie below the lower edge, in units."""
        return points[..., 1] - self._at(self.lower, points[..., 0])

    def gap(self, x: Array) -> Array:
        """Height of the opening at x, in units."""
        return self._at(self.lower, x) - self._at(self.upper, x)

    def middle(self, x: Array) -> Array:
        """y of the seam's middle at x, in units."""
        return (self._at(self.lower, x) + self._at(self.upper, x)) / 2
