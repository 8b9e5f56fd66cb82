"""A prediction's Example holds what is known and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tensorflow.core.example.example_pb2 import Example

from affectflow.records.features import FeatureRun
from affectflow.records.predictions import (
    prediction_key,
    scores_key,
    serialize_prediction,
    serialize_run,
)


def features(labels: dict[str, float], predictions: dict[str, float], **named) -> dict[str, list]:
    return read(serialize_prediction("v ü", "anna", "folder", 12, labels, predictions, **named))


def read(record: bytes) -> dict[str, list]:
    example = Example.FromString(record)
    return {
        name: list(getattr(value, value.WhichOneof("kind")).value)
        for name, value in example.features.feature.items()
    }


def test_labels_and_predictions_by_name():
    found = features({"valence": 0.25, "arousal": -1.0}, {prediction_key("rnn", "valence"): 0.5})
    assert found == {
        "video_id": ["v ü".encode()],
        "subject_id": [b"anna"],
        "corpus": [b"folder"],
        "frame_index": [12],
        "valence": [0.25],
        "arousal": [-1.0],
        "rnn_valence": [0.5],
    }


@pytest.mark.parametrize("absent", ["valence", "arousal"])
def test_a_label_of_nan_is_absent_and_the_other_stays(absent):
    labels = {"valence": 0.25, "arousal": 0.5, absent: math.nan}
    found = features(labels, {})
    assert absent not in found
    assert len({"valence", "arousal"} & set(found)) == 1


def test_a_run_is_a_record_a_frame():
    labels = np.array([[0.25, 0.5], [math.nan, math.nan]], np.float32)
    run = FeatureRun("v", "anna", "folder", 7, np.zeros((2, 3), np.float32), labels)
    outputs = {"cnn": np.array([[0.5], [0.75]]), "rnn": np.array([[-0.5], [-0.75]])}
    assert list(serialize_run(run, outputs, ["arousal"])) == [
        serialize_prediction(
            "v", "anna", "folder", 7,
            {"valence": 0.25, "arousal": 0.5}, {"cnn_arousal": 0.5, "rnn_arousal": -0.5},
        ),
        serialize_prediction(
            "v", "anna", "folder", 8, {}, {"cnn_arousal": 0.75, "rnn_arousal": -0.75}
        ),
    ]  # fmt: skip


def test_classes_and_their_scores_by_name():
    key = prediction_key("classifier", "age")
    found = features(
        {}, {},
        classes={"age": "70+", "gender": ""},
        predicted={key: "0-3", prediction_key("classifier", "gender"): ""},
        scores={key: [0.75, 0.25]},
    )  # fmt: skip
    names = ("video_id", "subject_id", "corpus", "frame_index")
    assert {name: value for name, value in found.items() if name not in names} == {
        "age": [b"70+"],
        "classifier_age": [b"0-3"],
        scores_key("classifier", "age"): [0.75, 0.25],
    }
    assert scores_key("classifier", "age") == "classifier_age_scores"


def expressions(outputs: list[str], classes: dict[str, str]) -> list[tuple]:
    """(true expression, those of the stages) of each frame of a run, of which frame 1 is labelled.

    The CNN says (0, 0), neutral, and then a point beside joy's (.95, .12) of Table 2; the RNN one
    beside sadness's (-.5, -.86), and then nothing.
    """
    labels = np.array([[math.nan, math.nan], [0.25, 0.5]], np.float32)
    run = FeatureRun("v", "anna", "ck", 7, np.zeros((2, 3), np.float32), labels, classes)
    points = {
        "cnn": np.array([[0.0, 0.0], [0.9, 0.1]]),
        "rnn": np.array([[-0.5, -0.8], [math.nan, math.nan]]),
    }
    columns = [("valence", "arousal").index(output) for output in outputs]
    by_stage = {stage: values[:, columns] for stage, values in points.items()}
    return [
        tuple(found.get(name) for name in ("expression", "cnn_expression", "rnn_expression"))
        for found in map(read, serialize_run(run, by_stage, outputs))
    ]


@pytest.mark.parametrize("outputs", [["valence", "arousal"], ["arousal", "valence"]])
def test_every_frame_has_its_emotion_and_the_labelled_ones_the_true_expression(outputs):
    assert expressions(outputs, {"expression": "joy", "age": "70+"}) == [
        (None, [b"neutral"], [b"sadness"]),
        ([b"joy"], [b"joy"], None),
    ]


def test_without_an_expression_or_a_whole_point_there_is_no_emotion():
    assert expressions(["valence", "arousal"], {"age": "70+"}) == [(None, None, None)] * 2
    assert expressions(["valence"], {"expression": "joy"}) == [(None, None, None)] * 2
