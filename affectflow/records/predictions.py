"""`predictions`: a frame's predicted and true labels (contract: schemas/predictions.pbtxt)."""

from __future__ import annotations

import math
from collections.abc import Mapping

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
