"""`frames`: a face crop with its labels, as a tf.train.Example (contract: schemas/frames.pbtxt)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from affectflow.corpora.classes import TASKS
from affectflow.plane import AROUSAL, VALENCE

VIDEO_ID = "video_id"
SUBJECT_ID = "subject_id"
CORPUS = "corpus"
FRAME_INDEX = "frame_index"
TIMESTAMP_S = "timestamp_s"
SHOT = "shot"
FACE = "face"
BOX = "box"
LANDMARKS = "landmarks"
SCORE = "score"
SOURCE_DIGEST = "source_digest"


@dataclass(frozen=True)
class FrameRecord:
    """One face crop.

    Attributes:
        video_id, subject_id, corpus: where it comes from.
        frame_index: 0-based, in decode order.
        timestamp_s: seconds from the file's start; NaN where the source has no clock.
        face: encoded JPEG or PNG, RGB.
        box: float32 [4], x, y, width, height relative to the frame.
        landmarks: float32 [5, 2], relative to the frame.
        score: the detector's.
        valence, arousal: in [-1, 1]; NaN = not annotated.
        source_digest: sha256 of the source, hex.
        classes: task -> class, of those tasks that the corpus labels.
        shot: number of the clip's shot that the frame is of, from 0.
    """

    video_id: str
    subject_id: str
    corpus: str
    frame_index: int
    timestamp_s: float
    face: bytes
    box: np.ndarray
    landmarks: np.ndarray
    score: float
    valence: float
    arousal: float
    source_digest: str
    classes: Mapping[str, str] = field(default_factory=dict)
    shot: int = 0

    @property
    def in_plane(self) -> bool:
        """Whether both valence and arousal are annotated."""
        return not (math.isnan(self.valence) or math.isnan(self.arousal))

    def serialize(self) -> bytes:
        """A serialized tf.train.Example; what is not known is absent from it."""
        from tensorflow.core.example.example_pb2 import Example

        example = Example()
        feature = example.features.feature
        for name, text in (
            (VIDEO_ID, self.video_id),
            (SUBJECT_ID, self.subject_id),
            (CORPUS, self.corpus),
            (SOURCE_DIGEST, self.source_digest),
        ):
            feature[name].bytes_list.value.append(text.encode())
        feature[FACE].bytes_list.value.append(self.face)
        feature[FRAME_INDEX].int64_list.value.append(self.frame_index)
        feature[SHOT].int64_list.value.append(self.shot)
        feature[BOX].float_list.value.extend(self.box)
        feature[LANDMARKS].float_list.value.extend(np.ravel(self.landmarks))
        feature[SCORE].float_list.value.append(self.score)
        if not math.isnan(self.timestamp_s):
            feature[TIMESTAMP_S].float_list.value.append(self.timestamp_s)
        for task, label in self.classes.items():
            feature[task].bytes_list.value.append(label.encode())
        if self.in_plane:
            feature[VALENCE].float_list.value.append(self.valence)
            feature[AROUSAL].float_list.value.append(self.arousal)
        return example.SerializeToString(deterministic=True)


def parse_frame(serialized: bytes) -> FrameRecord:
    """The inverse of :meth:`FrameRecord.serialize`."""
    from tensorflow.core.example.example_pb2 import Example

    feature = Example.FromString(serialized).features.feature

    def text(name: str) -> str:
        return feature[name].bytes_list.value[0].decode()

    return FrameRecord(
        video_id=text(VIDEO_ID),
        subject_id=text(SUBJECT_ID),
        corpus=text(CORPUS),
        frame_index=feature[FRAME_INDEX].int64_list.value[0],
        timestamp_s=_optional_float(feature, TIMESTAMP_S),
        face=feature[FACE].bytes_list.value[0],
        box=np.array(feature[BOX].float_list.value, np.float32),
        landmarks=np.array(feature[LANDMARKS].float_list.value, np.float32).reshape(5, 2),
        score=feature[SCORE].float_list.value[0],
        valence=_optional_float(feature, VALENCE),
        arousal=_optional_float(feature, AROUSAL),
        source_digest=text(SOURCE_DIGEST),
        classes={task: text(task) for task in TASKS if task in feature},
        # A rebuild from before cuts were found took every clip for one shot.
        shot=feature[SHOT].int64_list.value[0] if SHOT in feature else 0,
    )


def clip_classes(records: Iterable[FrameRecord]) -> dict[str, str]:
    """Task -> class of a clip, from its frames; of each task that of the first frame with one."""
    found: dict[str, str] = {}
    for record in records:
        found = {**record.classes, **found}
    return found


class FrameIdentity(NamedTuple):
    """Which frame it is and how it is labelled; NaN = not annotated."""

    corpus: str
    video_id: str
    frame_index: int
    valence: float
    arousal: float
    has_class: bool


def parse_identity(serialized: bytes) -> FrameIdentity:
    """The identity alone, without the picture."""
    from tensorflow.core.example.example_pb2 import Example

    feature = Example.FromString(serialized).features.feature
    return FrameIdentity(
        feature[CORPUS].bytes_list.value[0].decode(),
        feature[VIDEO_ID].bytes_list.value[0].decode(),
        feature[FRAME_INDEX].int64_list.value[0],
        _optional_float(feature, VALENCE),
        _optional_float(feature, AROUSAL),
        any(task in feature for task in TASKS),
    )


def _optional_float(feature: Any, name: str) -> float:
    # A map field creates what it is asked for, so look before reading.
    values = feature[name].float_list.value if name in feature else ()
    return values[0] if values else math.nan
