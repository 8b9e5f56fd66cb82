"""`features`: a gap-free run of feature vectors, as a SequenceExample (schemas/features.pbtxt)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from affectflow.corpora.classes import TASKS
from affectflow.plane import LABELS

FEATURES = "features"
FIRST_FRAME = "first_frame"


@dataclass(frozen=True)
class FeatureRun:
    """Consecutive frames of one shot of a clip, all with a face.

    Attributes:
        video_id, subject_id, corpus: where they come from.
        first_frame: frame_index of step 0; step t is frame ``first_frame + t``.
        features: float32 [T, D].
        labels: float32 [T, 2], valence and arousal; NaN = none.
        classes: task -> class of the whole clip, of those tasks that the corpus labels.
    """

    video_id: str
    subject_id: str
    corpus: str
    first_frame: int
    features: np.ndarray
    labels: np.ndarray
    classes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.labels.shape != (len(self.features), 2):
            raise ValueError(
                f"{self.video_id}: labels have shape {self.labels.shape},"
                f" wanted ({len(self.features)}, 2)"
            )

    def serialize(self) -> bytes:
        """A serialized tf.train.SequenceExample."""
        from tensorflow.core.example.example_pb2 import SequenceExample

        example = SequenceExample()
        context = example.context.feature
        for name in ("video_id", "subject_id", "corpus"):
            context[name].bytes_list.value.append(getattr(self, name).encode())
        for task, label in self.classes.items():
            context[task].bytes_list.value.append(label.encode())
        context[FIRST_FRAME].int64_list.value.append(self.first_frame)
        steps = example.feature_lists.feature_list
        for vector in self.features:
            steps[FEATURES].feature.add().float_list.value.extend(vector)
        for column, name in enumerate(LABELS):
            for value in self.labels[:, column]:
                steps[name].feature.add().float_list.value.append(value)
        return example.SerializeToString(deterministic=True)


def parse_run(serialized: bytes) -> FeatureRun:
    """The inverse of :meth:`FeatureRun.serialize`."""
    from tensorflow.core.example.example_pb2 import SequenceExample

    example = SequenceExample.FromString(serialized)
    context, steps = example.context.feature, example.feature_lists.feature_list

    def text(name: str) -> str:
        return context[name].bytes_list.value[0].decode()

    def matrix(name: str) -> np.ndarray:
        rows = [np.array(step.float_list.value, np.float32) for step in steps[name].feature]
        return np.stack(rows)

    return FeatureRun(
        video_id=text("video_id"),
        subject_id=text("subject_id"),
        corpus=text("corpus"),
        first_frame=context[FIRST_FRAME].int64_list.value[0],
        features=matrix(FEATURES),
        labels=np.concatenate([matrix("valence"), matrix("arousal")], axis=1),
        classes={task: text(task) for task in TASKS if task in context},
    )


def gap_free_runs(frame_index: np.ndarray, shot: np.ndarray) -> list[slice]:
    """Where runs of consecutive frames of one shot start and stop.

    Args:
        frame_index: int64 [F], strictly increasing.
        shot: int64 [F], the number of each frame's shot.

    Returns:
        slices of both, without a gap and without a cut, in order, covering all of them.
    """
    if not len(frame_index):
        return []
    breaks = np.flatnonzero((np.diff(frame_index) != 1) | (np.diff(shot) != 0)) + 1
    edges = [0, *breaks.tolist(), len(frame_index)]
    return [slice(start, stop) for start, stop in pairwise(edges)]
