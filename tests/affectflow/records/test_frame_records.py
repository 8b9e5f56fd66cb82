"""A frame record survives being written, and what is not known stays out of the Example."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tensorflow.core.example.example_pb2 import Example

from affectflow.corpora.classes import TASKS
from affectflow.records.frames import FrameRecord, parse_frame, parse_identity

single = st.floats(-1, 1, width=32)
# A surrogate has no UTF-8: ids are made free of them when a corpus is listed.
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)

records = st.builds(
    FrameRecord,
    video_id=text,
    subject_id=text,
    corpus=text,
    frame_index=st.integers(0, 2**62),
    timestamp_s=st.floats(0, 1e6, width=32) | st.just(math.nan),
    face=st.binary(max_size=40),
    box=arrays(np.float32, (4,), elements=single),
    landmarks=arrays(np.float32, (5, 2), elements=single),
    score=single,
    valence=single | st.just(math.nan),
    arousal=single | st.just(math.nan),
    source_digest=text,
    classes=st.fixed_dictionaries(
        {}, optional={task: st.sampled_from(classes) for task, classes in TASKS.items()}
    ),
    shot=st.integers(0, 2**40),
)


def record(**changes) -> FrameRecord:
    made = FrameRecord(
        "anna/clip 1", "anna", "folder", 7, 0.25, b"jpeg", np.arange(4, dtype=np.float32),
        np.arange(10, dtype=np.float32).reshape(5, 2), 0.5, 0.125, -0.5, "abc",
    )  # fmt: skip
    return dataclasses.replace(made, **changes)


@given(records)
def test_what_is_written_is_read(written):
    read = parse_frame(written.serialize())
    for field in dataclasses.fields(FrameRecord):
        before, after = getattr(written, field.name), getattr(read, field.name)
        if field.name in ("valence", "arousal") and not written.in_plane:
            assert math.isnan(after)
        else:
            np.testing.assert_array_equal(after, before, err_msg=field.name)
    assert read.in_plane == written.in_plane


@given(records)
def test_the_identity_is_the_record_s_own(written):
    read = parse_frame(written.serialize())
    found = parse_identity(written.serialize())
    assert found[:3] == (read.corpus, read.video_id, read.frame_index)
    np.testing.assert_array_equal(found[3:5], [read.valence, read.arousal])
    assert found.has_class == bool(written.classes)


def test_what_is_not_known_is_absent():
    bare = record(timestamp_s=math.nan, valence=math.nan, arousal=math.nan)
    names = set(Example.FromString(bare.serialize()).features.feature)
    assert names == {
        "video_id", "subject_id", "corpus", "source_digest", "face", "frame_index", "box",
        "landmarks", "score", "shot",
    }  # fmt: skip
    whole = set(Example.FromString(record().serialize()).features.feature)
    assert whole - names == {"timestamp_s", "valence", "arousal"}


@pytest.mark.parametrize("lacking", ["valence", "arousal"])
def test_half_a_label_is_none(lacking):
    half = record(**{lacking: math.nan})
    assert not half.in_plane
    assert not {"valence", "arousal"} & set(Example.FromString(half.serialize()).features.feature)


def test_reading_does_not_add_features():
    # A protobuf map makes what it is asked for, which would put an empty label into the record.
    serialized = record(valence=math.nan).serialize()
    parse_frame(serialized)
    assert parse_frame(serialized).serialize() == serialized


def test_equal_records_have_equal_bytes():
    assert record().serialize() == record().serialize()
    assert record().serialize() != record(frame_index=8).serialize()


def test_a_record_from_before_there_were_shots_is_of_the_first():
    example = Example.FromString(record().serialize())
    del example.features.feature["shot"]
    assert parse_frame(example.SerializeToString()).shot == 0
