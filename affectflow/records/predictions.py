"""`predictions`: what is predicted of a frame, and the truth (schemas/predictions.pbtxt)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from affectflow.corpora.classes import EXPRESSION
from affectflow.emotions import nearest_emotion
from affectflow.plane import LABELS
from affectflow.records.features import FeatureRun

_SCORES = "_scores"
_NOTHING: Mapping = MappingProxyType({})


def prediction_key(stage: str, name: str) -> str:
    """Feature name of a stage's prediction of a label or task, e.g. ``rnn_arousal``."""
    return f"{stage}_{name}"


def scores_key(stage: str, task: str) -> str:
    """Feature name of a stage's probabilities, e.g. ``classifier_age_scores``."""
    return prediction_key(stage, task) + _SCORES


def loss_key(task: str) -> str:
    """Name of a property of a classifier's predictions: a task's mean cross-entropy, in nats.

    Over the evaluated samples whose class is known; absent where there is none.
    """
    return f"{task}_crossentropy"


def serialize_prediction(
    video_id: str,
    subject_id: str,
    corpus: str,
    frame_index: int,
    labels: Mapping[str, float],
    predictions: Mapping[str, float],
    classes: Mapping[str, str] = _NOTHING,
    predicted: Mapping[str, str] = _NOTHING,
    scores: Mapping[str, Sequence[float]] = _NOTHING,
) -> bytes:
    """A serialized tf.train.Example.

    Args:
        labels: valence and arousal in [-1, 1]; NaN = none, and then absent from the record.
        predictions: by :func:`prediction_key`.
        classes: task -> the true class; "" = none, and then absent from the record.
        predicted: the predicted class by :func:`prediction_key` of stage and task; "" likewise.
        scores: a probability a class by the same key; written as :func:`scores_key`.
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
    for name, text in (*classes.items(), *predicted.items()):
        if text:
            feature[name].bytes_list.value.append(text.encode())
    for name, values in scores.items():
        feature[name + _SCORES].float_list.value.extend(values)
    return example.SerializeToString(deterministic=True)


def serialize_run(
    run: FeatureRun, by_stage: Mapping[str, np.ndarray], outputs: Sequence[str]
) -> Iterator[bytes]:
    """A record for every frame of a gap-free run, with the labels that the run has.

    Where the run's expression is known and both outputs are predicted, every frame is given the
    emotion nearest to its predicted point (Yin et al., paper 1, Sec. 3), and the labelled ones the
    true expression: those alone have a vote on their video, in paper 1 its last 50 frames.

    Args:
        run: of T frames.
        by_stage: stage → float [T, outputs].
        outputs: the names of these columns.
    """
    expression = run.classes.get(EXPRESSION, "") if set(LABELS) <= set(outputs) else ""
    voting = in_plane(run.labels)
    for step, labels in enumerate(run.labels.tolist()):
        points = {
            stage: {output: float(values[step, column]) for column, output in enumerate(outputs)}
            for stage, values in by_stage.items()
        }
        named = {
            prediction_key(stage, EXPRESSION): nearest_emotion(*(point[name] for name in LABELS))
            for stage, point in points.items()
            if expression
        }
        yield serialize_prediction(
            run.video_id,
            run.subject_id,
            run.corpus,
            run.first_frame + step,
            dict(zip(LABELS, labels)),
            {
                prediction_key(stage, output): value
                for stage, point in points.items()
                for output, value in point.items()
            },
            classes={EXPRESSION: expression if voting[step] else ""},
            predicted=named,
        )


def in_plane(labels: np.ndarray) -> np.ndarray:
    """Which of some frames have both labels: float [T, 2] -> bool [T]."""
    return ~np.isnan(labels).any(axis=1)
