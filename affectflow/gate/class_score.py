"""How well classes are predicted: figures of one task, and votes of videos."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import numpy as np

from affectflow.gate.settings import GateSettings
from affectflow.gate.tally import VideoTally
from affectflow.metrics import (
    ClassCounts,
    Confusion,
    bootstrap_share,
    has_signs,
    majority,
    pn_accuracy,
)

LEVEL = 0.95
"""Coverage of every interval in a summary."""


@dataclass(frozen=True)
class ClassScore:
    """Agreement of predicted classes with true ones; NaN where it has no value.

    A sample is a frame, a still image or a segment of a clip, or with votes a video.

    Attributes:
        accuracy: share of the samples that are right. NaN, as all figures, where a prediction is
            missing.
        macro_precision, macro_recall: see affectflow.metrics.Confusion.
        pn_accuracy: share whose sign of valence is right; NaN where a class has no known sign.
        count: samples.
        low, high: 95 % bootstrap interval of the accuracy over videos.
        confusion: of the samples that have a prediction. Without it, in tables of subjects and
            videos, there is no interval either.
    """

    accuracy: float
    macro_precision: float
    macro_recall: float
    pn_accuracy: float
    count: int
    low: float = math.nan
    high: float = math.nan
    confusion: Confusion | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, and NaN."""
        values = {
            "accuracy": self.accuracy,
            "macro_precision": self.macro_precision,
            "macro_recall": self.macro_recall,
            "pn_accuracy": self.pn_accuracy,
            "count": self.count,
        }
        if self.confusion is None:
            return values
        interval = {"low": self.low, "high": self.high}
        return {**values, **interval, "confusion": self.confusion.as_json()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ClassScore:
        """The inverse of ``as_json``, where null stands for NaN.

        Raises:
            KeyError: a field is missing.
            ValueError: the confusion matrix is none.
        """
        found = values.get("confusion")
        return cls(
            accuracy=number(values["accuracy"]),
            macro_precision=number(values["macro_precision"]),
            macro_recall=number(values["macro_recall"]),
            pn_accuracy=number(values["pn_accuracy"]),
            count=int(values["count"]),
            low=number(values.get("low")),
            high=number(values.get("high")),
            confusion=None if found is None else Confusion.from_json(found),
        )


Samples = Mapping[tuple[str, str], ClassCounts]
"""(stage, task) -> counts of the samples of one video."""


def samples_of(tally: VideoTally, settings: GateSettings) -> Samples:
    """What counts of a video: its frames, or with votes the video itself, once."""
    if not settings.vote:
        return tally.confusions
    return {name: voted(counts) for name, counts in tally.confusions.items()}


def voted(counts: ClassCounts) -> ClassCounts:
    """One video's frames -> its one vote, as Yin et al. (paper 1), Sec. 3.2.

    The class that most frames have against the class that most predictions say; of equally
    frequent ones the first. A frame without a prediction leaves the video without one.
    """
    classes, frames = counts.confusion.classes, counts.confusion.counts
    nobody = Confusion.of(classes, [], [])
    if counts.missing:
        return ClassCounts(nobody, missing=1)
    if not counts.total:
        return ClassCounts(nobody)
    truth, predicted = (
        majority(np.repeat(classes, frames.sum(axis=axis)).tolist(), classes) for axis in (1, 0)
    )
    return ClassCounts(Confusion.of(classes, [truth], [predicted]))


def stage_scores(
    videos: Sequence[Samples], stage: str, settings: GateSettings, whole: bool
) -> dict[str, ClassScore]:
    """Task -> score of a stage over some videos.

    Args:
        videos: of each video, as :func:`samples_of` gives them.
        stage: its name.
        settings: the gate's.
        whole: with interval and confusion matrix.
    """
    scores = {}
    for task, classes in settings.class_names.items():
        nobody = ClassCounts.of(settings.countable_names[task], [], [])
        by_video = [video.get((stage, task), nobody) for video in videos]
        scores[task] = _score(by_video, nobody, classes, settings if whole else None)
    return scores


def _score(
    by_video: Sequence[ClassCounts],
    nobody: ClassCounts,
    classes: Sequence[str],
    bootstrapped: GateSettings | None,
) -> ClassScore:
    counts = sum(by_video, start=nobody)
    score = ClassScore(
        accuracy=counts.measured(attrgetter("accuracy")),
        macro_precision=counts.measured(attrgetter("macro_precision")),
        macro_recall=counts.measured(attrgetter("macro_recall")),
        pn_accuracy=counts.measured(pn_accuracy) if has_signs(classes) else math.nan,
        count=counts.total,
    )
    if bootstrapped is None:
        return score
    low = high = math.nan
    if not counts.missing:
        low, high = bootstrap_share(
            [int(np.trace(one.confusion.counts)) for one in by_video],
            [one.total for one in by_video],
            n=bootstrapped.bootstrap,
            seed=bootstrapped.seed,
            level=LEVEL,
        )
    return replace(score, low=low, high=high, confusion=counts.confusion.trimmed(classes))


def number(value: float | None) -> float:
    """A JSON number; null = NaN."""
    return math.nan if value is None else float(value)
