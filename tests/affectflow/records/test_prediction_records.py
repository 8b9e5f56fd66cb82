"""A prediction's Example holds what is known and nothing else."""

from __future__ import annotations

import math

import pytest
from tensorflow.core.example.example_pb2 import Example

from affectflow.records.predictions import prediction_key, serialize_prediction


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
