"""What an evaluation found, from ``summary.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from affectflow.corpora.classes import EXPRESSION
from pipelines.review.documents import integer, number, table, texts
from pipelines.review.facts import Headline

CCC, ACCURACY = "ccc_mean", "accuracy"


def headline(summary: Mapping[str, Any]) -> Headline | None:
    """The number of the stage that the gate judged; of the last stage where no gate spoke."""
    stages = table(summary.get("stages"))
    if not stages:
        return None
    verdict = table(summary.get("verdict"))
    judged = verdict.get("stage")
    stage = judged if isinstance(judged, str) and judged in stages else list(stages)[-1]
    scores = table(stages[stage])
    expression = table(table(scores.get("classes")).get(EXPRESSION))
    frames = integer(summary.get("frames"))
    if expression and _by_accuracy(scores, verdict):
        value, low, high = (number(expression.get(name)) for name in (ACCURACY, "low", "high"))
        return Headline(stage, ACCURACY, value, low, high, frames)
    value, low, high = (number(scores.get(f"{CCC}{end}")) for end in ("", "_low", "_high"))
    return Headline(stage, CCC, value, low, high, frames)


def _by_accuracy(scores: Mapping[str, Any], verdict: Mapping[str, Any]) -> bool:
    """Whether classes were judged: the verdict names what it judged in words alone."""
    if number(scores.get(CCC)) is None:
        return True
    return any(f" {EXPRESSION} accuracy " in reason for reason in texts(verdict.get("reasons")))
