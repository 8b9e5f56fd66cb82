"""The data of a recorded rebuild, as its nodes would have left them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from tensorflow_metadata.proto.v0 import anomalies_pb2, statistics_pb2

from affectflow.records.clips import ClipPart, StoredClip, save_clips
from affectflow.records.frames import FrameRecord
from affectflow.records.shards import shard_name, split_dir, write_shard
from bench.recorded import Run


def face(grey: int) -> bytes:
    """A picture of 112 pixels, PNG."""
    return cv2.imencode(".png", np.full((112, 112, 3), grey, np.uint8))[1].tobytes()


def record(video: str, subject: str, index: int, joy: bool = True) -> FrameRecord:
    return FrameRecord(
        video, subject, "affwild2", index, index / 30, face(40 * index), np.ones(4, np.float32),
        np.ones((5, 2), np.float32), 0.9, 0.5, -0.25, "ab" * 32,
        {"expression": "joy" if joy else "fear"},
    )  # fmt: skip


def furnish(run: Run, videos: dict[str, tuple[str, str]], mean: float = 0.1, cell: int = 3) -> None:
    """Three faces a video, statistics, grids and a schema.

    Args:
        videos: video -> subject and split.
        mean: of valence.
        cell: of the grid of 8 x 8 in which all labels lie.
    """
    frames = run.uri("VideoExampleGen/examples")
    stored = []
    for split in ("train", "eval"):
        mine = [(v, subject) for v, (subject, its) in videos.items() if its == split]
        rows = [record(video, subject, i) for video, subject in mine for i in range(3)]
        shard = split_dir(frames, split) / shard_name(0, 1)
        write_shard(shard, (row.serialize() for row in rows))
        for at, (video, subject) in enumerate(mine):
            part = ClipPart(0, 3 * at, 3 * at + 3)
            stored.append(StoredClip(video, subject, "affwild2", split, (part,)))
        _statistics(Path(run.uri("StatisticsGen/statistics")), split, len(rows), mean)
        path = Path(run.uri("ExampleValidator/anomalies"), f"Split-{split}", "SchemaDiff.pb")
        path.parent.mkdir()
        path.write_bytes(anomalies_pb2.Anomalies().SerializeToString())
    save_clips(frames, stored)
    before = np.zeros((8, 8), np.int64)
    before[cell, cell] = 9
    np.savez_compressed(
        Path(run.uri("DensitySampler/grids"), "grids.npz"), before=before, after=before // 3
    )
    Path(run.uri("FramesSchema/schema"), "schema.pbtxt").write_text('feature { name: "face" }\n')


def _statistics(folder: Path, split: str, frames: int, mean: float) -> None:
    found = statistics_pb2.DatasetFeatureStatisticsList()
    whole = found.datasets.add(num_examples=frames)
    for name in ("valence", "arousal"):
        feature = whole.features.add()
        feature.path.step.append(name)
        feature.num_stats.mean, feature.num_stats.std_dev = mean, 0.25
        feature.num_stats.common_stats.num_non_missing = frames
    feature = whole.features.add()
    feature.path.step.append("expression")
    feature.string_stats.rank_histogram.buckets.add(label="joy", sample_count=frames)
    path = folder / f"Split-{split}" / "FeatureStats.pb"
    path.parent.mkdir()
    path.write_bytes(found.SerializeToString())
