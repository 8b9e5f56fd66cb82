"""What single figures promise beyond what every figure does."""

from __future__ import annotations

import base64
import io
import xml.etree.ElementTree as ET
from datetime import datetime

import numpy as np
import pytest
from PIL import Image

from affectflow import figures
from affectflow.metrics import Confusion
from affectflow.records.counts import FrameCounts
from tests.affectflow.figures.page import SVG, texts

NAN = float("nan")


def _timeline(x, truth, predicted):
    return figures.timeline(
        x, {"valence": truth}, {"rnn": {"valence": predicted}}, unit="frame", video="v",
        figure_id="t",
    )  # fmt: skip


def _strokes(svg):
    """Of each curve in vermillion or blue: how many pieces it has."""
    found = [e.get("d", "") for e in ET.fromstring(svg).iter(f"{SVG}path")
             if e.get("stroke") == "#0072b2" and "clip-path" in e.attrib]  # fmt: skip
    return [path.count("M") for path in found]


def test_a_gap_is_a_gap():
    x, values = np.arange(30.0), np.sin(np.arange(30))
    assert _strokes(_timeline(x, values, values))[0] == 1

    missing = np.where((x > 9) & (x < 15), NAN, values)
    assert _strokes(_timeline(x, values, missing))[0] == 2

    # Frames that are not there at all: the frame number jumps.
    kept = (x < 10) | (x > 14)
    assert _strokes(_timeline(x[kept], values[kept], values[kept]))[0] == 2


def test_a_video_without_annotations_is_drawn_and_not_compared():
    x = np.arange(5.0)
    svg = figures.timeline(
        x, {}, {"rnn": {"arousal": x / 9}}, unit="seconds", video="v", figure_id="t"
    )
    assert "arousal" in texts(svg)
    assert "true" not in texts(svg)
    assert "arousal: not compared" in svg.alt


def test_series_that_do_not_belong_together_are_refused():
    x = np.arange(5.0)
    with pytest.raises(ValueError, match="ascend"):
        _timeline(x[::-1], x, x)
    with pytest.raises(ValueError, match="would do"):
        _timeline(x, x[:-1], x)
    with pytest.raises(ValueError, match="would do"):
        figures.trajectory(x, x[:-1], x, unit="frame", video="v", figure_id="t")
    with pytest.raises(ValueError, match="ascend"):
        figures.trajectory(x, x, x * 0, unit="frame", video="v", figure_id="t")
    with pytest.raises(ValueError, match="would do"):
        figures.distribution(["joy"], x, x, x > 1, figure_id="t")
    with pytest.raises(ValueError, match="would do"):
        figures.of_emotion("joy", {"v": (x, x[:-1])}, figure_id="t")
    with pytest.raises(ValueError, match="square"):
        figures.density({"s": (np.ones((2, 3), int), np.ones((2, 2), int))}, figure_id="t")


def test_a_value_beyond_1_and_one_that_is_infinite():
    valence = np.array([0.0, 1.7, np.inf, 0.2])
    x = np.arange(4.0)
    svg = figures.trajectory(valence, x / 9, x, unit="frame", video="v", figure_id="t")
    assert "Of 3 frames" in svg.alt
    assert _timeline(x, valence, valence)


def test_a_single_frame():
    one = np.array([0.1])
    assert figures.trajectory(one, one, one, unit="frame", video="v", figure_id="t")
    assert _timeline(one, one, one)
    assert figures.of_emotion("of no name", {"v": (one, one)}, figure_id="t")


def test_density_has_valence_to_the_right_and_arousal_up():
    before = np.zeros((4, 4), int)
    before[3, 0] = 100  # valence high, arousal low
    svg = figures.density({"s": (before, before)}, figure_id="d")
    image = next(ET.fromstring(svg).iter(f"{SVG}image"))
    data = base64.b64decode(image.get("href").partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
    if ",-" in image.get("transform").replace(" ", ","):
        pixels = pixels[::-1]  # it is stored upside down
    rows, columns = np.nonzero(pixels.sum(axis=2) > 200)
    assert rows.min() == columns.min() == 0.75 * len(pixels)


def test_the_best_epoch_is_that_of_the_validation_loss():
    logs = [{"loss": 3.0, "validation_loss": NAN}, {"loss": 2.0, "validation_loss": 0.7},
            {"loss": 1.0, "validation_loss": 0.9}]  # fmt: skip
    svg = figures.training_curves({"cnn": logs}, figure_id="t")
    assert "best: epoch 2, 0.700" in texts(svg)

    without = figures.training_curves({"cnn": [{"loss": 1.0}]}, figure_id="t")
    assert not any("best" in text for text in texts(without))


def test_rows_of_a_confusion_matrix_are_shares_of_the_truth():
    counts = np.array([[3, 1], [0, 0]])
    svg = figures.confusion_matrix(Confusion(("a", "b"), counts), title="m", figure_id="c")
    assert {"75 %", "25 %", "a (4)", "b (0)"} <= set(texts(svg))
    assert "b none there" in svg.alt
    assert "Most often mistaken: a for b, 1 of 4" in svg.alt


def test_bars_are_worst_first():
    scores = {"good": 0.9, "bad": -0.4, "middling": 0.2, "none": NAN}
    svg = figures.score_bars(scores, metric="accuracy", of="subject", figure_id="s")
    drawn = texts(svg)
    assert drawn.index("bad") < drawn.index("middling") < drawn.index("good")
    assert "none" not in drawn


def test_runs_are_in_order_of_time():
    runs = [figures.TrendRun(datetime(2026, 1, day), f"r{day}", day / 10) for day in (3, 1, 2)]
    svg = figures.trend(runs, metric="CCC", figure_id="t")
    dates = [text for text in texts(svg) if text.startswith("2026")]
    assert dates == ["2026-01-01", "2026-01-02", "2026-01-03"]
    assert "latest 0.300" in svg.alt


def test_a_funnel_without_rejects_says_so():
    svg = figures.funnel({"train": FrameCounts(5, 0, 0, 0, 0, 5)},
                         {"listed": 1, "used": 1, "rejected": {}}, figure_id="f")  # fmt: skip
    assert "no video was rejected" in texts(svg)
    assert "Videos: 1 listed, 1 used" in svg.alt
