"""Which videos stand for all: the worst, the median one and the best."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from affectflow.gate.score import mean_ccc
from affectflow.gate.summary import Slice


@dataclass(frozen=True)
class Choice:
    """A video.

    Attributes:
        place: ``worst``, ``median`` or ``best``; ``only`` of one video.
        row: of the table of videos.
        by: what the videos were ranked by, with this one's value.
    """

    place: str
    row: Slice
    by: str


def ccc_of(row: Slice, stage: str) -> float:
    """A stage's mean CCC of a video or subject; NaN where there is none."""
    return mean_ccc(row.scores.get(stage, {}))


def rmse_of(row: Slice, stage: str) -> float:
    """A stage's mean RMSE over outputs; NaN where there is none."""
    scores = row.scores.get(stage, {})
    return sum(s.rmse for s in scores.values()) / len(scores) if scores else math.nan


def constant_truth(rows: Sequence[Slice], stage: str) -> bool:
    """Whether every CCC is 0, or none, which is what a truth that does not move gives."""
    found = [value for row in rows if math.isfinite(value := ccc_of(row, stage))]
    return bool(found) and not any(found)


def choose(rows: Sequence[Slice], stage: str) -> list[Choice]:
    """At most three videos, worst first, by the stage's mean CCC.

    Where no true value moves within a video (posed emotions, which have one point), by the mean
    RMSE. Of equal videos the first by corpus and name.
    """
    by_error = constant_truth(rows, stage)
    value_of = rmse_of if by_error else ccc_of
    what = "mean RMSE" if by_error else "mean CCC"
    worst_first = sorted(
        (row for row in rows if math.isfinite(value_of(row, stage))),
        key=lambda row: (value_of(row, stage) * (-1 if by_error else 1), row.corpus, row.name),
    )
    last = len(worst_first) - 1
    places = {0: "worst", last // 2: "median", last: "best"}
    if last < 2:
        places = {0: "worst", last: "best"} if last else {0: "only"}
    return [
        Choice(place, worst_first[at], f"{what} {value_of(worst_first[at], stage):.2f}")
        for at, place in sorted(places.items())
        if worst_first
    ]
