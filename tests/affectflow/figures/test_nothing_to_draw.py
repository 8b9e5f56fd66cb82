"""A page never shows empty axes: what has no value is said in words."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np
import pytest

from affectflow import figures
from affectflow.metrics import Confusion
from affectflow.records.counts import FrameCounts

NAN = np.full(5, np.nan)
X = np.arange(5.0)
NO = np.zeros((4, 4), int)

CASES = {
    "funnel": lambda: figures.funnel({}, {}, figure_id="f"),
    "funnel of nothing": lambda: figures.funnel(
        {"train": FrameCounts()}, {"listed": 0, "used": 0, "rejected": {}}, figure_id="f"
    ),
    "density": lambda: figures.density({}, figure_id="f"),
    "density of nothing": lambda: figures.density({"train": (NO, NO)}, figure_id="f"),
    "training_curves": lambda: figures.training_curves({}, figure_id="f"),
    "training_curves of NaN": lambda: figures.training_curves(
        {"cnn": [{"loss": math.nan}], "rnn": []}, figure_id="f"
    ),
    "timeline": lambda: figures.timeline(X[:0], {}, {}, unit="seconds", video="v", figure_id="f"),
    "timeline of NaN": lambda: figures.timeline(
        X, {"valence": NAN}, {"cnn": {"valence": NAN}}, unit="seconds", video="v", figure_id="f"
    ),
    "trajectory": lambda: figures.trajectory(
        X[:0], X[:0], X[:0], unit="frame", video="v", figure_id="f"
    ),
    "trajectory of NaN": lambda: figures.trajectory(
        X / 5, NAN, X, unit="frame", video="v", figure_id="f"
    ),
    "of_emotion": lambda: figures.of_emotion("joy", {}, figure_id="f"),
    "of_emotion of NaN": lambda: figures.of_emotion("joy", {"v": (NAN, X)}, figure_id="f"),
    "distribution": lambda: figures.distribution([], X[:0], X[:0], X[:0], figure_id="f"),
    "distribution of NaN": lambda: figures.distribution(["joy"] * 5, X, NAN, X, figure_id="f"),
    "confusion_matrix": lambda: figures.confusion_matrix(
        Confusion(("a", "b"), np.zeros((2, 2), int)), title="t", figure_id="f"
    ),
    "score_bars": lambda: figures.score_bars({}, metric="CCC", figure_id="f"),
    "score_bars of NaN": lambda: figures.score_bars({"v": math.nan}, metric="CCC", figure_id="f"),
    "lineage_graph": lambda: figures.lineage_graph([], [], figure_id="f"),
    "trend": lambda: figures.trend([], metric="CCC", figure_id="f"),
    "trend of NaN": lambda: figures.trend(
        [figures.TrendRun(datetime(2026, 1, 1), "r", math.nan)], metric="CCC", figure_id="f"
    ),
    "class_counts": lambda: figures.class_counts({}, figure_id="f"),
    "class_counts of nothing": lambda: figures.class_counts({"train": {"joy": 0}}, figure_id="f"),
}


@pytest.mark.parametrize("name", CASES)
def test_it_says_so(name):
    with pytest.raises(figures.NothingToDraw) as found:
        CASES[name]()
    assert str(found.value)
