"""A prediction's Example holds what is known and nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tensorflow.core.example.example_pb2 import Example

from affectflow.records.features import FeatureRun
from affectflow.records.predictions import (
    prediction_key,
    serialize_prediction,
    serialize_run,
)


def features(labels: dict[str, float], predictions: dict[str, float]) -> dict[str, list]:
    example = Example.FromString(
        serialize_prediction("v ü", "anna", "folder", 12, labels, predictions)
    )
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
