"""Predictions as the Evaluator reads them: checked rows, and batches of rows of one video."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

import numpy as np

from affectflow.errors import InputError
from affectflow.gate import VideoKey
from affectflow.records.predictions import prediction_key

FRAME_INDEX = "frame_index"
_BATCH = 4096


class Row(NamedTuple):
    """One frame of a video.

    Attributes:
        frame_index: 0-based, in decode order.
        labels: one for each output, in the order asked for; NaN = not annotated.
        predictions: one for each (stage, output), stages outermost; NaN = absent.
    """

    frame_index: int
    labels: tuple[float, ...]
    predictions: tuple[float, ...]


@dataclass(frozen=True)
class Batch:
    """Frames of one video, each with at least one label.

    Attributes:
        key: the video.
        frame_indices: int64 [n].
        labels: output -> float64 [n]; NaN = not annotated.
        predictions: (stage, output) -> float64 [n]; NaN = absent.
    """

    key: VideoKey
    frame_indices: np.ndarray
    labels: Mapping[str, np.ndarray]
    predictions: Mapping[tuple[str, str], np.ndarray]


@dataclass(frozen=True)
class RowReader:
    """Reads tf.train.Examples of some stages and outputs."""

    stages: Sequence[str]
    outputs: Sequence[str]

    def parse(self, serialized: bytes) -> Iterator[tuple[tuple[str, str, str], tuple]]:
        """Yields (video, row) as plain tuples, which Beam encodes alike on every runner.

        A frame without labels yields nothing. An absent prediction is NaN and not a gap to leave
        out: a model could otherwise be measured on its easy frames alone.

        Raises:
            InputError: the record does not say which frame of which video it is.
        """
        from tensorflow.core.example.example_pb2 import Example

        features = Example.FromString(serialized).features.feature

        def text(name: str) -> str:
            values: Sequence[bytes] = features[name].bytes_list.value if name in features else ()
            if len(values) != 1:
                raise InputError(f"a prediction has no {name}; one {name} for each frame would do")
            return values[0].decode("utf-8")

        def number(name: str) -> float:
            values: Sequence[float] = features[name].float_list.value if name in features else ()
            return values[0] if len(values) == 1 else math.nan

        key = VideoKey(*(text(name) for name in VideoKey._fields))
        indices: Sequence[int] = (
            features[FRAME_INDEX].int64_list.value if FRAME_INDEX in features else ()
        )
        if len(indices) != 1:
            raise InputError(f"a prediction of video {key.video_id!r} has no {FRAME_INDEX}")
        labels = tuple(number(output) for output in self.outputs)
        if all(math.isnan(label) for label in labels):
            return
        predictions = tuple(
            number(prediction_key(stage, output))
            for stage in self.stages
            for output in self.outputs
        )
        yield (key.corpus, key.subject_id, key.video_id), (indices[0], labels, predictions)

    def batches(self, video: tuple[tuple[str, str, str], Iterable[tuple]]) -> Iterator[Batch]:
        """The rows of one video, as ``parse`` gave them, in batches of some thousands."""
        key, rows = VideoKey(*video[0]), iter(video[1])
        columns = [(stage, output) for stage in self.stages for output in self.outputs]
        while chunk := [Row(*row) for row in islice(rows, _BATCH)]:
            labels = np.array([row.labels for row in chunk])
            predictions = np.array([row.predictions for row in chunk])
            yield Batch(
                key=key,
                frame_indices=np.array([row.frame_index for row in chunk], dtype=np.int64),
                labels={output: labels[:, i] for i, output in enumerate(self.outputs)},
                predictions={column: predictions[:, i] for i, column in enumerate(columns)},
            )
