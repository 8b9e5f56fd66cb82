"""What the models of a run said of each evaluated video, as plain arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from affectflow.corpora.clip import SPLITS
from affectflow.records.predictions import prediction_key
from affectflow.records.shards import shards_there

MOST_FRAMES = 400_000
"""Of more frames a page could show no more; with all their columns they are some 50 MB."""

_EVAL = SPLITS[1]
_BATCH = 4096
_KEY = ("corpus", "video_id")
_FRAME = "frame_index"


class VideoName(NamedTuple):
    """One video; ``video_id`` is unique only within its corpus."""

    corpus: str
    video_id: str


@dataclass(frozen=True)
class VideoPredictions:
    """One video, its n frames in ascending order, each once.

    Attributes:
        name: the video's.
        frames: int64 [n], positions in the video; those without a face are not there.
        truth: output -> float32 [n], NaN = not annotated; without outputs that are nowhere.
        predicted: stage -> output -> float32 [n], NaN = none; likewise.
        classes: task -> object [n], names of true classes, "" = none; likewise.
        named: stage -> task -> object [n], names of predicted classes, "" = none; likewise.
    """

    name: VideoName
    frames: np.ndarray
    truth: Mapping[str, np.ndarray]
    predicted: Mapping[str, Mapping[str, np.ndarray]]
    classes: Mapping[str, np.ndarray]
    named: Mapping[str, Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class Predictions:
    """What was read.

    Attributes:
        videos: by name, sorted by it; each is whole.
        left_out: videos that were not wanted, or for which there was no room.
        problems: what cannot be read, and why.
    """

    videos: Mapping[VideoName, VideoPredictions]
    left_out: int = 0
    problems: tuple[str, ...] = ()


def read_predictions(
    folder: Path,
    *,
    stages: Sequence[str],
    outputs: Sequence[str],
    tasks: Sequence[str] = (),
    wanted: Collection[VideoName] | None = None,
    most_frames: int = MOST_FRAMES,
) -> Predictions:
    """Reads the predictions of the eval split, in one pass and a batch at a time.

    A video that is begun is read to its end, so that what is held may exceed ``most_frames`` by
    the length of those videos that lie in many files.

    Args:
        folder: of the artifact ``predictions``.
        stages, outputs, tasks: whose columns are read, where they exist.
        wanted: the videos to be read; None = any.
        most_frames: when so many are held no further video is begun.
    """
    found: dict[VideoName, _Parts] = {}
    left_out: set[VideoName] = set()
    problems = []
    held = 0
    columns = _Columns(tuple(stages), tuple(outputs), tuple(tasks))
    paths = shards_there(folder, _EVAL)
    if not paths:
        problems.append(f"{folder} holds no predictions: files deleted")
    for path in paths:
        try:
            for name, part in _parts_of(path, columns):
                if name not in found:
                    if (wanted is not None and name not in wanted) or held >= most_frames:
                        left_out.add(name)
                        continue
                    found[name] = _Parts(columns)
                found[name].add(part)
                held += len(part[_FRAME])
        except _Damaged as error:
            problems.append(
                f"{path} is damaged ({error}); what it holds around and behind that is left out"
            )
    videos = {name: found[name].video(name) for name in sorted(found)}
    return Predictions(videos, len(left_out), tuple(problems))


class _Damaged(Exception):
    """A file cannot be read on."""


@dataclass(frozen=True)
class _Columns:
    """Which features are read."""

    stages: tuple[str, ...]
    outputs: tuple[str, ...]
    tasks: tuple[str, ...]

    def of(self, names: Sequence[str]) -> list[str]:
        """The truth's and every stage's of some outputs, or tasks."""
        return [*names, *(prediction_key(stage, name) for stage in self.stages for name in names)]


@dataclass
class _Parts:
    """What was found of a video so far."""

    columns: _Columns
    rows: dict[str, list[np.ndarray]] = field(default_factory=dict)

    def add(self, part: Mapping[str, np.ndarray]) -> None:
        """Copies rows of a batch, of which nothing else is kept."""
        for name, values in part.items():
            if name not in _KEY:
                self.rows.setdefault(name, []).append(values.copy())

    def video(self, name: VideoName) -> VideoPredictions:
        """The whole video."""
        whole = {column: np.concatenate(parts) for column, parts in self.rows.items()}
        # A frame that is there twice, which nothing of ours writes, counts once.
        frames, order = np.unique(whole[_FRAME], return_index=True)
        whole = {column: values[order] for column, values in whole.items()}
        there = {column for column, values in whole.items() if _any(values)}

        def some(names: Sequence[str], stage: str = "") -> dict[str, np.ndarray]:
            keys = {one: prediction_key(stage, one) if stage else one for one in names}
            return {one: whole[key] for one, key in keys.items() if key in there}

        columns = self.columns
        return VideoPredictions(
            name,
            frames,
            truth=some(columns.outputs),
            predicted={stage: some(columns.outputs, stage) for stage in columns.stages},
            classes=some(columns.tasks),
            named={stage: some(columns.tasks, stage) for stage in columns.stages},
        )


def _any(values: np.ndarray) -> bool:
    if values.dtype.kind == "f":
        return bool(np.isfinite(values).any())
    return values.dtype.kind != "O" or any(values)


def _parts_of(
    path: Path, columns: _Columns
) -> Iterator[tuple[VideoName, Mapping[str, np.ndarray]]]:
    """Rows of one video that follow each other in a file: feature -> [n]."""
    import tensorflow as tf

    floats, texts = columns.of(columns.outputs), [*_KEY, *columns.of(columns.tasks)]
    features: dict[str, Any] = {
        name: tf.io.FixedLenFeature((), tf.float32, float("nan")) for name in floats
    }
    features |= {name: tf.io.FixedLenFeature((), tf.string, "") for name in texts}
    features[_FRAME] = tf.io.FixedLenFeature((), tf.int64)
    records = tf.data.TFRecordDataset(str(path), buffer_size=1 << 20).batch(_BATCH)
    batches = iter(records)
    while True:
        try:
            batch = next(batches, None)
            parsed = None if batch is None else tf.io.parse_example(batch, features)
        except tf.errors.OpError as error:
            raise _Damaged(str(error.message).partition("\n")[0]) from error
        if parsed is None:
            return
        rows = {name: values.numpy() for name, values in parsed.items()}
        rows |= {name: _decoded(rows[name]) for name in texts}
        yield from _by_video(rows)


def _decoded(values: np.ndarray) -> np.ndarray:
    """Bytes as text; each distinct one is one object, however often it occurs."""
    known: dict[bytes, str] = {}
    texts = np.empty(len(values), object)
    for at, value in enumerate(values):
        if value not in known:
            known[value] = value.decode("utf-8", "replace")
        texts[at] = known[value]
    return texts


def _by_video(
    rows: Mapping[str, np.ndarray],
) -> Iterator[tuple[VideoName, Mapping[str, np.ndarray]]]:
    corpus, video = (rows[name] for name in _KEY)
    other = (corpus[1:] != corpus[:-1]) | (video[1:] != video[:-1])
    bounds = [0, *(np.flatnonzero(other) + 1).tolist(), len(video)]
    for start, stop in pairwise(bounds):
        name = VideoName(corpus[start], video[start])
        yield name, {column: values[start:stop] for column, values in rows.items()}
