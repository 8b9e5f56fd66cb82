"""`predictions`: a frame's predicted and true labels (contract: schemas/predictions.pbtxt)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from affectflow.records.features import FeatureRun

LABELS = ("valence", "arousal")


def prediction_key(stage: str, label: str) -> str:
    """Feature name of a stage's prediction, e.g. ``rnn_arousal``."""
    return f"{stage}_{label}"


def serialize_prediction(
    video_id: str,
    subject_id: str,
    corpus: str,
    frame_index: int,
    labels: Mapping[str, float],
    predictions: Mapping[str, float],
) -> bytes:
    """A serialized tf.train.Example.

    Args:
        labels: valence and arousal in [-1, 1]; NaN = none, and then absent from the record.
        predictions: by :func:`prediction_key`.
    """
    from tensorflow.core.example.example_pb2 import Example

    example = Example()
    feature = example.features.feature
    for name, text in (("video_id", video_id), ("subject_id", subject_id), ("corpus", corpus)):
        feature[name].bytes_list.value.append(text.encode())
    feature["frame_index"].int64_list.value.append(frame_index)
    for name, value in (*labels.items(), *predictions.items()):
        if not math.isnan(value):
            feature[name].float_list.value.append(value)
    return example.SerializeToString(deterministic=True)


def serialize_run(
    run: FeatureRun, by_stage: Mapping[str, np.ndarray], outputs: Sequence[str]
) -> Iterator[bytes]:
    """A record for every frame of a gap-free run, with the labels that the run has.

    Args:
        run: of T frames.
        by_stage: stage → float [T, outputs].
        outputs: the names of these columns.
    """
    for step, labels in enumerate(run.labels.tolist()):
        yield serialize_prediction(
            run.video_id,
            run.subject_id,
            run.corpus,
            run.first_frame + step,
            dict(zip(LABELS, labels)),
            {
                prediction_key(stage, output): float(values[step, column])
                for stage, values in by_stage.items()
                for column, output in enumerate(outputs)
            },
        )
