"""The curated schemas parse, and describe what the code writes, feature by feature."""

from __future__ import annotations

import math

import numpy as np
import pytest
from google.protobuf import text_format
from tensorflow.core.example.example_pb2 import Example, SequenceExample
from tensorflow_metadata.proto.v0 import schema_pb2

from affectflow.audio.functionals import FEATURES
from affectflow.corpora.classes import TASKS
from affectflow.plane import LABELS
from affectflow.records.audio import AudioRecord
from affectflow.records.features import FeatureRun
from affectflow.records.frames import FrameRecord
from affectflow.records.predictions import prediction_key, serialize_prediction
from schemas import FOLDER, RECORD_KINDS, schema_path

KINDS = {
    "bytes_list": schema_pb2.BYTES,
    "int64_list": schema_pb2.INT,
    "float_list": schema_pb2.FLOAT,
}


CLASSES = {task: classes[0] for task, classes in TASKS.items()}


def schema_of(kind: str) -> schema_pb2.Schema:
    return text_format.Parse(schema_path(kind).read_text(encoding="utf-8"), schema_pb2.Schema())


def assert_described(values, declared) -> None:
    """Every value has a feature of its type and size, and every feature that must be is there."""
    by_name = {feature.name: feature for feature in declared}
    assert set(values) <= set(by_name)
    for name, value in values.items():
        kind = value.WhichOneof("kind")
        assert by_name[name].type == KINDS[kind], name
        if by_name[name].HasField("shape"):
            (dimension,) = by_name[name].shape.dim
            assert len(getattr(value, kind).value) == dimension.size, name
    needed = {name for name, feature in by_name.items() if feature.presence.min_fraction == 1}
    assert needed <= set(values)


def frame(**unknown: float) -> FrameRecord:
    known = {"timestamp_s": 0.1, "valence": 0.2, "arousal": 0.3, **unknown}
    return FrameRecord(
        "v", "s", "c", 0, known["timestamp_s"], b"face", np.zeros(4, np.float32),
        np.zeros((5, 2), np.float32), 1.0, known["valence"], known["arousal"], "digest", CLASSES,
    )  # fmt: skip


def test_every_file_is_a_record_kind():
    assert sorted(path.stem for path in FOLDER.glob("*.pbtxt")) == sorted(RECORD_KINDS)


def test_a_kind_that_there_is_not():
    with pytest.raises(
        ValueError, match="'faces' is not one of frames, features, predictions, audio"
    ):
        schema_path("faces")


@pytest.mark.parametrize(
    "record", [frame(), frame(timestamp_s=math.nan, valence=math.nan, arousal=math.nan)]
)
def test_frames_are_as_described(record):
    example = Example.FromString(record.serialize())
    assert_described(example.features.feature, schema_of("frames").feature)


def test_a_whole_frame_has_every_feature_of_the_schema():
    written = set(Example.FromString(frame().serialize()).features.feature)
    assert written == {feature.name for feature in schema_of("frames").feature}


@pytest.mark.parametrize("kind", ["frames", "features", "predictions"])
def test_the_classes_are_those_that_corpora_give(kind):
    domains = {f.name: list(f.string_domain.value) for f in schema_of(kind).feature}
    assert {task: tuple(domains[task]) for task in TASKS} == TASKS


def test_features_are_as_described():
    vectors, labels = np.zeros((4, 5), np.float32), np.zeros((4, 2), np.float32)
    run = FeatureRun("v", "s", "c", 3, vectors, labels, CLASSES)
    example = SequenceExample.FromString(run.serialize())
    *context, steps = schema_of("features").feature
    assert_described(example.context.feature, context)
    assert set(example.context.feature) == {feature.name for feature in context}
    bare = SequenceExample.FromString(FeatureRun("v", "s", "c", 3, vectors, labels).serialize())
    assert_described(bare.context.feature, context)
    assert not set(CLASSES) & set(bare.context.feature)
    lists = example.feature_lists.feature_list
    declared = {feature.name: feature for feature in steps.struct_domain.feature}
    assert set(lists) == set(declared)
    for name, found in lists.items():
        assert declared[name].type == schema_pb2.FLOAT
        assert len(found.feature) == 4


def test_predictions_are_as_described():
    keys = [prediction_key(stage, label) for stage in ("cnn", "rnn") for label in LABELS]
    named = {prediction_key("classifier", task): label for task, label in CLASSES.items()}
    emotions = {prediction_key(stage, "expression"): "joy" for stage in ("cnn", "rnn")}
    serialized = serialize_prediction(
        "v", "s", "c", 0, dict.fromkeys(LABELS, 0.5), dict.fromkeys(keys, 0.1),
        classes=CLASSES, predicted=named | emotions, scores={key: [0.25, 0.75] for key in named},
    )  # fmt: skip
    written = Example.FromString(serialized).features.feature
    declared = schema_of("predictions").feature
    assert_described(written, declared)
    assert set(written) == {feature.name for feature in declared}


@pytest.mark.parametrize("functionals", [np.zeros(FEATURES, np.float32), None])
def test_audio_is_as_described(functionals):
    example = Example.FromString(AudioRecord("v", "s", "c", functionals).serialize())
    assert_described(example.features.feature, schema_of("audio").feature)


def test_the_audio_schema_states_the_length_of_the_vector():
    by_name = {feature.name: feature for feature in schema_of("audio").feature}
    count = by_name["functionals"].value_count
    assert count.min == count.max == FEATURES


@pytest.mark.parametrize("kind", ["frames", "predictions"])
def test_labels_lie_in_the_plane_and_may_be_absent(kind):
    for feature in schema_of(kind).feature:
        if feature.name in LABELS:
            assert (feature.float_domain.min, feature.float_domain.max) == (-1, 1)
            assert feature.presence.min_fraction == 0
            assert feature.float_domain.disallow_nan
