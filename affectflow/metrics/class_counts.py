"""What has been counted of one output of classes: pairs, and predictions that were not made."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from affectflow.metrics.confusion import Confusion


@dataclass(frozen=True)
class ClassCounts:
    """Mergeable counts of samples that have a true class.

    Attributes:
        confusion: of those that have a prediction.
        missing: how many have none.
    """

    confusion: Confusion
    missing: int = 0

    @classmethod
    def of(
        cls,
        classes: Sequence[str],
        truth: Sequence[str] | np.ndarray,
        predicted: Sequence[str] | np.ndarray,
    ) -> ClassCounts:
        """Counts samples.

        Args:
            classes: C different names.
            truth: [n] names; a sample whose truth is "" does not count.
            predicted: [n] names; "" = no prediction.

        Raises:
            ValueError: as Confusion.of.
        """
        pairs = [pair for pair in zip(truth, predicted, strict=True) if pair[0]]
        made = [pair for pair in pairs if pair[1]]
        confusion = Confusion.of(classes, [t for t, _ in made], [p for _, p in made])
        return cls(confusion, len(pairs) - len(made))

    def __add__(self, other: ClassCounts) -> ClassCounts:
        """Counts of both sets of samples together.

        Raises:
            ValueError: their classes, or the order of these, differ.
        """
        if not isinstance(other, ClassCounts):
            return NotImplemented
        return ClassCounts(self.confusion + other.confusion, self.missing + other.missing)

    @property
    def total(self) -> int:
        """Samples, with a prediction or without."""
        return self.confusion.total + self.missing

    def measured(self, statistic: Callable[[Confusion], float]) -> float:
        """The statistic; NaN where a prediction is missing.

        A matrix has no place for a prediction that was not made, and leaving such samples out
        would measure a model on its easy ones alone.
        """
        return math.nan if self.missing else statistic(self.confusion)

    def as_json(self) -> dict[str, Any]:
        """Plain values: {"confusion": as Confusion.as_json, "missing": int}."""
        return {"confusion": self.confusion.as_json(), "missing": self.missing}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ClassCounts:
        """The inverse of ``as_json``.

        Raises:
            ValueError: the matrix is not what ``as_json`` gives.
        """
        return cls(Confusion.from_json(values["confusion"]), int(values["missing"]))
