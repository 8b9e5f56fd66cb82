"""Draws docs/demo.png from a finished demo: frames of an unseen subject, true and predicted labels.

``.venv/bin/python docs/draw_demo.py affectflow-demo docs/demo.png``
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib
import numpy as np

from affectflow.records.shards import read_shard
from affectflow.video.decode import stream_frames

matplotlib.use("Agg")
from matplotlib import pyplot as plt

FRAMES = 7
LABELS = ("valence", "arousal")
COLOURS = {"label": "#555555", "cnn": "#e08214", "rnn": "#2166ac"}
NAMES = {"label": "annotated", "cnn": "CNN alone", "rnn": "CNN + RNN"}


def predictions(demo: Path) -> dict[str, dict[str, np.ndarray]]:
    """By video: ``frame`` int64 [T] and each label and prediction float32 [T], NaN = absent."""
    from tensorflow.core.example.example_pb2 import Example

    root = demo / "workspace/artifacts/demo_release/Predictor/predictions"
    newest = max(root.iterdir(), key=lambda path: int(path.name))
    rows: dict[str, list[tuple]] = {}
    for path in sorted(newest.glob("Split-eval/*.tfrecord")):
        for record in read_shard(path):
            feature = Example.FromString(record).features.feature
            values = {k: v.float_list.value[0] for k, v in feature.items() if v.float_list.value}
            video = feature["video_id"].bytes_list.value[0].decode()
            rows.setdefault(video, []).append((feature["frame_index"].int64_list.value[0], values))
    tables = {}
    for video, found in rows.items():
        found.sort(key=lambda row: row[0])
        tables[video] = {"frame": np.array([row[0] for row in found])}
        for key in ("valence", "arousal", *(f"{s}_{o}" for s in ("cnn", "rnn") for o in LABELS)):
            tables[video][key] = np.array([row[1].get(key, np.nan) for row in found])
    return tables


def draw(demo: Path, out: Path) -> None:
    """Draws the eval video whose labels move most."""
    tables = predictions(demo)
    video = max(tables, key=lambda v: np.nanstd(tables[v]["valence"]) * len(tables[v]["frame"]))
    table = tables[video]
    (path,) = (demo / "corpus/videos").rglob(f"{video}.mp4")
    shown = np.linspace(0, len(table["frame"]) - 1, FRAMES).round().astype(int)
    wanted = set(table["frame"][shown].tolist())
    pictures = {f.index: f.rgb for f in stream_frames(path) if f.index in wanted}

    figure = plt.figure(figsize=(10, 5.2), dpi=110)
    grid = figure.add_gridspec(3, FRAMES, height_ratios=(1.25, 1, 1), hspace=0.12, wspace=0.04)
    for column, frame in enumerate(sorted(pictures)):
        axes = figure.add_subplot(grid[0, column])
        axes.imshow(pictures[frame])
        axes.set_title(f"frame {frame}", fontsize=8)
        axes.axis("off")
    for row, label in enumerate(LABELS, start=1):
        axes = figure.add_subplot(grid[row, :])
        axes.plot(
            table["frame"], table[label], color=COLOURS["label"], label=NAMES["label"], lw=2.5
        )
        for stage in ("cnn", "rnn"):
            values = table[f"{stage}_{label}"]
            axes.plot(table["frame"], values, color=COLOURS[stage], label=NAMES[stage], lw=1.3)
        axes.set_ylim(-1.05, 1.05)
        axes.set_xlim(table["frame"][0], table["frame"][-1])
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
        if row == 1:
            axes.legend(
                loc="lower right", bbox_to_anchor=(1, 1.01), ncols=3, fontsize=8, frameon=False
            )
            axes.set_xticklabels([])
    axes.set_xlabel("frame (a rendered subject, not seen in training)")
    figure.savefig(out, bbox_inches="tight")


if __name__ == "__main__":
    draw(Path(sys.argv[1]), Path(sys.argv[2]))
