"""How well valence and arousal are predicted, and a stage's scores together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from affectflow.gate.class_score import ClassScore, number
from affectflow.metrics import CoMoments


@dataclass(frozen=True)
class Score:
    """Agreement of predictions with labels, pooled over frames; NaN where it has no value.

    Attributes:
        ccc, pearson: in [-1, 1].
        rmse: in the labels' unit.
        count: frames.
        ccc_low, ccc_high: 95 % bootstrap interval over videos; NaN in tables by slice.
    """

    ccc: float
    pearson: float
    rmse: float
    count: int
    ccc_low: float = math.nan
    ccc_high: float = math.nan

    @classmethod
    def of(cls, moments: CoMoments, interval: tuple[float, float] = (math.nan, math.nan)) -> Score:
        """The statistics of some co-moments."""
        return cls(moments.ccc(), moments.pearson(), moments.rmse(), moments.n, *interval)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Score:
        """From plain JSON values, where null stands for NaN.

        Raises:
            KeyError: a field is missing.
        """
        return cls(
            ccc=number(values["ccc"]),
            pearson=number(values["pearson"]),
            rmse=number(values["rmse"]),
            count=int(values["count"]),
            ccc_low=number(values["ccc_low"]),
            ccc_high=number(values["ccc_high"]),
        )


@dataclass(frozen=True)
class StageScore:
    """One stage overall.

    Attributes:
        ccc_mean: mean CCC over outputs; NaN where there are none.
        ccc_mean_low, ccc_mean_high: 95 % bootstrap interval of it over videos.
        outputs: output -> score.
        classes: task -> score.
    """

    ccc_mean: float
    ccc_mean_low: float
    ccc_mean_high: float
    outputs: Mapping[str, Score]
    classes: Mapping[str, ClassScore] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, and NaN."""
        return {
            "ccc_mean": self.ccc_mean,
            "ccc_mean_low": self.ccc_mean_low,
            "ccc_mean_high": self.ccc_mean_high,
            "outputs": {name: asdict(score) for name, score in self.outputs.items()},
            "classes": {task: score.as_json() for task, score in self.classes.items()},
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> StageScore:
        """The inverse of ``as_json``, where null stands for NaN; releases may lack classes.

        Raises:
            KeyError: another field is missing.
        """
        return cls(
            ccc_mean=number(values["ccc_mean"]),
            ccc_mean_low=number(values["ccc_mean_low"]),
            ccc_mean_high=number(values["ccc_mean_high"]),
            outputs={name: Score.from_json(score) for name, score in values["outputs"].items()},
            classes=class_scores(values.get("classes", {})),
        )


def class_scores(values: Mapping[str, Any]) -> dict[str, ClassScore]:
    """Task -> score, from plain JSON values."""
    return {task: ClassScore.from_json(score) for task, score in values.items()}


def mean_ccc(outputs: Mapping[str, Score]) -> float:
    """Mean CCC over outputs; NaN where there are none."""
    return sum(score.ccc for score in outputs.values()) / len(outputs) if outputs else math.nan
