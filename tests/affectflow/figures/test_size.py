"""A figure of very much data is no larger than a page can hold, and still shows it."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
from PIL import Image

from affectflow import figures
from tests.affectflow.figures import samples

MOST = 300_000
MANY = 200_000


def _pictures(svg):
    found = re.findall(r'href="data:image/png;base64,([^"]+)"', svg)
    return [Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA") for data in found]


def _near(picture, colour):
    pixels = np.asarray(picture).reshape(-1, 4).astype(int)
    return (np.abs(pixels[:, :3] - colour).max(axis=1) < 12) & (pixels[:, 3] > 200)


def test_a_distribution_of_many_points_is_a_picture():
    svg = samples.distribution("f", MANY)

    assert len(svg) < MOST
    pictures = _pictures(svg)
    assert pictures
    assert any(_near(p, (0x00, 0x72, 0xB2)).any() for p in pictures)
    assert any(_near(p, (0xD5, 0x5E, 0x00)).any() for p in pictures)
    assert "200,000 samples" in svg.alt


def test_points_without_any_order_in_one_panel():
    rng = np.random.default_rng(0)
    points = rng.uniform(-1, 1, (2, MANY))
    names = np.array(["joy", "fear", "anger", "pride", "surprise"])[rng.integers(0, 5, MANY)]
    svg = figures.distribution(names, *points, rng.random(MANY) < 0.5, figure_id="f")

    assert len(svg) < MOST


def test_a_long_video():
    assert len(samples.timeline("f", MANY)) < MOST
    valence, arousal = np.random.default_rng(0).uniform(-1, 1, (2, MANY))
    svg = figures.trajectory(valence, arousal, np.arange(MANY), unit="frame", video="v",
                             figure_id="f")  # fmt: skip
    assert len(svg) < MOST


def test_many_videos_of_an_emotion():
    rng = np.random.default_rng(0)
    steps = rng.normal(0, 0.05, (1000, 2, 200)).cumsum(axis=2)
    videos = {f"v{i}": tuple(path.clip(-1, 1)) for i, path in enumerate(steps)}
    for number in (80, 300, 1000):
        some = dict(list(videos.items())[:number])
        assert len(figures.of_emotion("joy", some, figure_id="f")) < MOST


def test_many_bars_epochs_and_runs():
    scores = {f"video {i}": i / 5000 for i in range(5000)}
    svg = figures.score_bars(scores, metric="CCC", figure_id="f")
    assert len(svg) < MOST
    assert "the 40 worst of 5,000 videos" in svg

    logs = [{"loss": 1 / (i + 1), "validation_loss": 2 / (i + 1)} for i in range(20_000)]
    assert len(figures.training_curves({"cnn": logs}, figure_id="f")) < MOST


def test_the_largest_grids_of_every_subset():
    rng = np.random.default_rng(0)
    grids = {name: tuple(rng.integers(0, 10**6, (2, 40, 40))) for name in "1234"}
    assert len(figures.density(grids, figure_id="f")) < MOST
