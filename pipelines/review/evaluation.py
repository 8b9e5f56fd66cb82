"""What an evaluation found, from ``summary.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from affectflow.corpora.classes import EXPRESSION
from pipelines.review.documents import number, table
from pipelines.review.facts import Headline


def headline(summary: Mapping[str, Any]) -> Headline | None:
    """The number of the stage that the gate judged; of the last stage where no gate spoke."""
    stages = table(summary.get("stages"))
    if not stages:
        return None
    judged = table(summary.get("verdict")).get("stage")
    stage = judged if judged in stages else list(stages)[-1]
    scores = table(stages[stage])
    # Where the expression is measured, it is what a gate is set for (see affectflow.gate).
    classes = table(table(scores.get("classes")).get(EXPRESSION))
    value, low, high = (
        ("accuracy", "low", "high") if classes else ("ccc_mean", "ccc_mean_low", "ccc_mean_high")
    )
    found = classes or scores
    return Headline(
        stage=str(stage),
        metric=value,
        value=number(found.get(value)),
        low=number(found.get(low)),
        high=number(found.get(high)),
        frames=number(summary.get("frames")),
    )
