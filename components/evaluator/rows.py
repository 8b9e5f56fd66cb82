"""Predictions as the Evaluator reads them: checked rows, and batches of rows of one video."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

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
        classes: the true class of each task, in the order asked for; "" = none that is measured.
        predicted: one for each (stage, task), stages outermost; "" = absent.
    """

    frame_index: int
    labels: tuple[float, ...]
    predictions: tuple[float, ...]
    classes: tuple[str, ...] = ()
    predicted: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """Frames of one video, each with at least one label or class.

    Attributes:
        key: the video.
        frame_indices: int64 [n].
        labels: output -> float64 [n]; NaN = not annotated.
        predictions: (stage, output) -> float64 [n]; NaN = absent.
        classes: task -> names, object [n]; "" = none that is measured.
        predicted: (stage, task) -> names, object [n]; "" = absent.
    """

    key: VideoKey
    frame_indices: np.ndarray
    labels: Mapping[str, np.ndarray]
    predictions: Mapping[tuple[str, str], np.ndarray]
    classes: Mapping[str, np.ndarray]
    predicted: Mapping[tuple[str, str], np.ndarray]


@dataclass(frozen=True)
class RowReader:
    """Reads tf.train.Examples of some stages, outputs and tasks.

    Attributes:
        stages, outputs: by name.
        classes: task -> the classes that are measured; another true class counts as none.
        countable: task -> what a predicted class may be.
    """

    stages: Sequence[str]
    outputs: Sequence[str]
    classes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    countable: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def parse(self, serialized: bytes) -> tuple[tuple[str, str, str], tuple | None]:
        """(video, row) as plain tuples, which Beam encodes alike on every runner.

        Of a frame without labels and measured classes the row is None. An absent prediction is NaN
        or "" and not a gap to leave out: a model could otherwise be measured on its easy frames
        alone.

        Raises:
            InputError: the record does not say which frame of which video it is, or it predicts a
                class that cannot be counted.
        """
        from tensorflow.core.example.example_pb2 import Example

        features = Example.FromString(serialized).features.feature
        key = VideoKey(*(_given_text(features, name) for name in VideoKey._fields))
        video = (key.corpus, key.subject_id, key.video_id)
        indices: Sequence[int] = (
            features[FRAME_INDEX].int64_list.value if FRAME_INDEX in features else ()
        )
        if len(indices) != 1:
            raise InputError(f"a prediction of video {key.video_id!r} has no {FRAME_INDEX}")
        labels = tuple(_number(features, output) for output in self.outputs)
        truth = tuple(self._true_class(features, task) for task in self.classes)
        if all(math.isnan(label) for label in labels) and not any(truth):
            return video, None
        predictions = tuple(
            _number(features, prediction_key(stage, output))
            for stage in self.stages
            for output in self.outputs
        )
        predicted = tuple(
            self._predicted_class(features, key, stage, task)
            for stage in self.stages
            for task in self.classes
        )
        row = Row(indices[0], labels, predictions, truth, predicted)
        return video, tuple(row)

    def _true_class(self, features: Any, task: str) -> str:
        name = _text(features, task)
        return name if name in self.classes[task] else ""

    def _predicted_class(self, features: Any, key: VideoKey, stage: str, task: str) -> str:
        feature = prediction_key(stage, task)
        name = _text(features, feature)
        if name and name not in self.countable[task]:
            raise InputError(
                f"{feature} of video {key.video_id!r} is {name!r}, which is none of"
                f" {', '.join(self.countable[task])}; gate.expressions must list every expression"
                " that the model predicts"
            )
        return name

    def batches(self, video: tuple[tuple[str, str, str], Iterable[tuple]]) -> Iterator[Batch]:
        """The rows of one video, as ``parse`` gave them, in batches of some thousands."""
        key, rows = VideoKey(*video[0]), iter(video[1])
        columns = [(stage, output) for stage in self.stages for output in self.outputs]
        guesses = [(stage, task) for stage in self.stages for task in self.classes]
        while chunk := [Row(*row) for row in islice(rows, _BATCH)]:
            labels = np.array([row.labels for row in chunk])
            predictions = np.array([row.predictions for row in chunk])
            classes = np.array([row.classes for row in chunk], dtype=object)
            predicted = np.array([row.predicted for row in chunk], dtype=object)
            yield Batch(
                key=key,
                frame_indices=np.array([row.frame_index for row in chunk], dtype=np.int64),
                labels={output: labels[:, i] for i, output in enumerate(self.outputs)},
                predictions={column: predictions[:, i] for i, column in enumerate(columns)},
                classes={task: classes[:, i] for i, task in enumerate(self.classes)},
                predicted={guess: predicted[:, i] for i, guess in enumerate(guesses)},
            )


def _text(features: Any, name: str) -> str:
    """The one text of a feature; "" where there is none."""
    values: Sequence[bytes] = features[name].bytes_list.value if name in features else ()
    return values[0].decode("utf-8") if len(values) == 1 else ""


def _given_text(features: Any, name: str) -> str:
    values: Sequence[bytes] = features[name].bytes_list.value if name in features else ()
    if len(values) != 1:
        raise InputError(f"a prediction has no {name}; one {name} for each frame would do")
    return values[0].decode("utf-8")


def _number(features: Any, name: str) -> float:
    values: Sequence[float] = features[name].float_list.value if name in features else ()
    return values[0] if len(values) == 1 else math.nan
