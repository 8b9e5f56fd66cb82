"""One plain example of each figure, with names that mean to break a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np

from affectflow import figures
from affectflow.emotions import EMOTIONS
from affectflow.metrics import Confusion
from affectflow.records.counts import FrameCounts

SCRIPT = "<script>alert(1)</script>.mp4"
MATHS = "$x^2$ & \"co\" 'x'"


def path(n: int, emotion: str = "joy", seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A video that goes from neutral to an emotion, float64 [n] each."""
    noise = np.random.default_rng(seed).normal(0, 0.03, (2, n))
    way = 1 - np.exp(-np.linspace(0, 4, n))
    valence, arousal = EMOTIONS[emotion]
    return valence * way + noise[0], arousal * way + noise[1]


def grid(seed: int, most: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    points = rng.normal(0.1, 0.25, (20_000, 2)).clip(-1, 1)
    counts = np.histogram2d(*points.T, bins=40, range=((-1, 1), (-1, 1)))[0].astype(np.int64)
    return np.minimum(counts, most)


def funnel(figure_id: str) -> figures.Svg:
    frames = {
        "train": FrameCounts(3544, 154, 115, 12, 153, 3110),
        "eval": FrameCounts(1068, 0, 22, 0, 0, 1046),
    }
    clips = {"listed": 29, "used": 26, "rejected": {"unreadable": 1, "no_face": 2}}
    return figures.funnel(frames, clips, figure_id=figure_id)


def density(figure_id: str) -> figures.Svg:
    return figures.density({"train": (grid(0, 10**6), grid(0, 25))}, figure_id=figure_id)


def training_curves(figure_id: str) -> figures.Svg:
    rng = np.random.default_rng(0)
    stages = {}
    for stage, epochs in (("cnn", 12), ("rnn", 60)):
        down = np.exp(-np.arange(epochs) / (epochs / 4))
        stages[stage] = [
            {
                "loss": 0.3 + 0.6 * d,
                "val_loss": (v := 0.4 + 0.5 * d + 0.2 * i / epochs + rng.normal(0, 0.02)),
                "validation_loss": v,
            }
            for i, d in enumerate(down)
        ]
    return figures.training_curves(stages, figure_id=figure_id)


def timeline(figure_id: str, n: int = 400) -> figures.Svg:
    x = np.arange(n) / 30
    rng = np.random.default_rng(1)
    truth = {"valence": np.sin(x) * 0.6, "arousal": np.cos(x / 2) * 0.5}
    truth["valence"][n // 4 : n // 3] = np.nan
    predicted = {
        stage: {k: v * gain + rng.normal(0, noise, n) for k, v in truth.items()}
        for stage, gain, noise in (("cnn", 0.7, 0.1), ("rnn", 0.9, 0.02))
    }
    return figures.timeline(x, truth, predicted, unit="seconds", video=SCRIPT, figure_id=figure_id)


def trajectory(figure_id: str) -> figures.Svg:
    return figures.trajectory(
        *path(150, "contempt"), np.arange(150) / 25, unit="seconds", video=MATHS,
        figure_id=figure_id,
    )  # fmt: skip


def of_emotion(figure_id: str) -> figures.Svg:
    videos = {f"v{i}": path(150, "anger" if i % 3 else "fear", i) for i in range(22)}
    return figures.of_emotion("anger", videos, figure_id=figure_id)


def distribution(figure_id: str, n: int = 2000) -> figures.Svg:
    rng = np.random.default_rng(2)
    names = np.array([*EMOTIONS])[rng.integers(0, len(EMOTIONS), n)]
    centres = np.array([EMOTIONS[name] for name in names])
    points = centres * 0.8 + rng.normal(0, 0.2, (n, 2))
    right = np.hypot(*(points - centres).T) < 0.3
    return figures.distribution(names, *points.T, right, figure_id=figure_id)


def confusion_matrix(figure_id: str) -> figures.Svg:
    names = ("neutral", "anger", "contempt", "disgust", "fear", "happiness", MATHS, "surprise")
    rng = np.random.default_rng(3)
    counts = rng.integers(0, 8, (8, 8)) + np.diag(rng.integers(5, 90, 8))
    counts[4] = 0
    counts[0, 5] = 0
    return figures.confusion_matrix(Confusion(names, counts), title="rnn", figure_id=figure_id)


def score_bars(figure_id: str) -> figures.Svg:
    rng = np.random.default_rng(4)
    scores = {f"video_{i:03}.mp4": float(v) for i, v in enumerate(rng.uniform(-0.2, 0.95, 14))}
    scores |= {SCRIPT: 0.31, MATHS: 0.12, "constant.mp4": float("nan")}
    return figures.score_bars(scores, metric="CCC", figure_id=figure_id, overall=0.52)


def lineage_graph(figure_id: str) -> figures.Svg:
    made = {
        "VideoExampleGen": ["examples", "counts"],
        "StatisticsGen": ["statistics"],
        "ExampleValidator": ["anomalies"],
        "DensitySampler": ["balanced", "grids", "balanced_counts"],
        "Transform": ["transform_graph"],
        "CnnTrainer": ["cnn_model"],
        "FeatureExtractor": ["features"],
        "RnnTrainer": ["rnn_model"],
        "Exporter": ["export"],
        "Evaluator": ["evaluation", "blessing"],
        "Pusher": ["release"],
    }
    used = {
        "StatisticsGen": ["examples"],
        "ExampleValidator": ["statistics"],
        "DensitySampler": ["examples", "anomalies", "counts"],
        "Transform": ["balanced"],
        "CnnTrainer": ["balanced", "transform_graph"],
        "FeatureExtractor": ["examples", "cnn_model"],
        "RnnTrainer": ["features"],
        "Exporter": ["cnn_model", "rnn_model", "transform_graph"],
        "Evaluator": ["export", "features"],
        "Pusher": ["export", "blessing"],
    }
    nodes = [figures.LineageNode(n, n, "step", f"#{n}") for n in made]
    nodes += [
        figures.LineageNode(a, f"{a} of run demo_rebuild.20261120T131257Z {MATHS}", "artifact")
        for row in made.values()
        for a in row
    ]
    edges = [(n, a) for n, row in made.items() for a in row]
    edges += [(a, n) for n, row in used.items() for a in row]
    return figures.lineage_graph(nodes, edges, figure_id=figure_id)


def trend(figure_id: str) -> figures.Svg:
    start = datetime(2026, 11, 1, 8)
    values = [0.41, 0.52, float("nan"), 0.61, 0.58, 0.68, 0.715]
    runs = [
        figures.TrendRun(
            start + timedelta(days=3 * i),
            f"release.{i}",
            v,
            v - 0.1,
            v + 0.08,
            900 + 200 * i,
            (i != 4) if i else None,
        )
        for i, v in enumerate(values)
    ]
    return figures.trend(runs[::-1], metric="mean CCC", figure_id=figure_id)


def class_counts(figure_id: str) -> figures.Svg:
    names = ("neutral", "anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise")
    train = dict(zip(names, (295, 129, 51, 153, 60, 186, 84, 219)))
    jaffe = dict(zip(names, (30, 30, 0, 29, 32, 31, 31, 30)))
    del jaffe["contempt"]
    return figures.class_counts({"CK+, train": train, "JAFFE": jaffe}, figure_id=figure_id,
                                what="images")  # fmt: skip


SAMPLES: dict[str, Callable[[str], figures.Svg]] = {
    "funnel": funnel,
    "density": density,
    "training_curves": training_curves,
    "timeline": timeline,
    "trajectory": trajectory,
    "of_emotion": of_emotion,
    "distribution": distribution,
    "confusion_matrix": confusion_matrix,
    "score_bars": score_bars,
    "lineage_graph": lineage_graph,
    "trend": trend,
    "class_counts": class_counts,
}
