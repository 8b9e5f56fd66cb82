import math
from dataclasses import replace

import pytest
from tensorflow.core.example.example_pb2 import Example

from affectflow.errors import InputError
from affectflow.gate import VideoKey
from components.evaluator.rows import RowReader

READER = RowReader(stages=("cnn", "rnn"), outputs=("valence", "arousal"))
VALUES = {
    "corpus": b"c",
    "subject_id": b"s",
    "video_id": "vidéo".encode(),
    "frame_index": 7,
    "valence": 0.5,
    "arousal": -0.25,
    "cnn_valence": 0.125,
    "cnn_arousal": 0.25,
    "rnn_valence": 0.375,
    "rnn_arousal": 0.625,
}


def example(**changes):
    made = Example()
    for name, value in {**VALUES, **changes}.items():
        feature = made.features.feature[name]
        if isinstance(value, bytes):
            feature.bytes_list.value.append(value)
        elif isinstance(value, int):
            feature.int64_list.value.append(value)
        elif value is not None:
            feature.float_list.value.append(value)
    return made.SerializeToString()


def test_a_frame_with_everything():
    parsed = READER.parse(example())
    assert parsed == (
        ("c", "s", "vidéo"),
        (7, (0.5, -0.25), (0.125, 0.25, 0.375, 0.625), (), ()),
    )


@pytest.mark.parametrize("absent", [None, math.nan])
def test_an_absent_label_is_nan_and_a_frame_without_any_is_left_out(absent):
    _, (_, labels, *_) = READER.parse(example(valence=absent))
    assert math.isnan(labels[0])
    assert labels[1] == -0.25
    assert READER.parse(example(valence=absent, arousal=absent)) == (("c", "s", "vidéo"), None)


@pytest.mark.parametrize("absent", [None, math.nan])
def test_an_absent_prediction_is_nan_and_not_left_out(absent):
    _, (_, labels, predictions, *_) = READER.parse(example(rnn_valence=absent))
    assert labels == (0.5, -0.25)
    assert predictions[:2] == (0.125, 0.25)
    assert math.isnan(predictions[2])


@pytest.mark.parametrize("name", ["corpus", "subject_id", "video_id", "frame_index"])
def test_what_does_not_name_its_frame_is_an_error(name):
    made = Example.FromString(example())
    del made.features.feature[name]
    with pytest.raises(InputError, match=f"no {name}"):
        READER.parse(made.SerializeToString())


def test_a_long_video_comes_in_several_batches_that_hold_every_frame_once():
    rows = [(i, (i / 1e4, 0.0), (0.0, 0.1, 0.2, 0.3)) for i in range(10_000)]
    batches = list(READER.batches((("c", "s", "v"), iter(rows))))
    assert len(batches) > 1
    assert [i for batch in batches for i in batch.frame_indices] == list(range(10_000))
    assert {batch.key for batch in batches} == {VideoKey("c", "s", "v")}
    assert batches[-1].labels["valence"][-1] == 0.9999
    assert set(batches[0].predictions[("rnn", "valence")]) == {0.2}


CLASSES = RowReader(
    stages=("cnn", "rnn"),
    outputs=(),
    classes={"expression": ("joy", "fear"), "age": ("70+",)},
    countable={"expression": ("joy", "fear", "pride"), "age": ("70+",)},
)


def test_classes_and_what_is_predicted_of_them():
    made = example(
        expression=b"joy", rnn_expression=b"pride", cnn_expression=b"joy", cnn_age=b"70+"
    )
    _, row = CLASSES.parse(made)
    assert row == (7, (), (), ("joy", ""), ("joy", "70+", "pride", ""))
    (batch,) = CLASSES.batches((("c", "s", "v"), iter([row, row])))
    assert batch.labels == batch.predictions == {}
    assert {task: names.tolist() for task, names in batch.classes.items()} == {
        "expression": ["joy", "joy"],
        "age": ["", ""],
    }
    assert batch.predicted[("rnn", "expression")].tolist() == ["pride", "pride"]
    assert batch.predicted[("cnn", "age")].tolist() == ["70+", "70+"]


@pytest.mark.parametrize("absent", [{}, {"expression": b"sadness"}, {"expression": b""}])
def test_a_frame_of_another_class_is_left_out_unless_it_has_a_label(absent):
    assert CLASSES.parse(example(**absent)) == (("c", "s", "vidéo"), None)
    reader = replace(CLASSES, outputs=("valence",))
    _, row = reader.parse(example(**absent))
    assert row[3] == ("", "")


def test_a_prediction_that_cannot_be_counted_is_an_error():
    made = example(expression=b"joy", cnn_expression=b"calm")
    with pytest.raises(InputError, match=r"cnn_expression of video 'vidéo' is 'calm'.*expressions"):
        CLASSES.parse(made)
