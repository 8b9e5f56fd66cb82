"""What an evaluation found, from ``summary.json``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.review.documents import number, table
from pipelines.review.facts import Headline

METRICS = ("ccc_mean", "accuracy")
"""What may stand for a whole stage; the first that it has does."""


def headline(summary: Mapping[str, Any]) -> Headline | None:
    """The number of the stage that the gate judged; of the last stage where no gate spoke."""
    stages = table(summary.get("stages"))
    if not stages:
        return None
    judged = table(summary.get("verdict")).get("stage")
    stage = judged if judged in stages else list(stages)[-1]
    scores = table(stages[stage])
    metric = next((name for name in METRICS if name in scores), METRICS[0])
    return Headline(
        stage=str(stage),
        metric=metric,
        value=number(scores.get(metric)),
        low=number(scores.get(f"{metric}_low")),
        high=number(scores.get(f"{metric}_high")),
        frames=number(summary.get("frames")),
    )
