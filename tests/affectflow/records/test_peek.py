"""Records that are looked at without TensorFlow are those that TensorFlow wrote."""

import math

import numpy as np
import pytest

from affectflow.records.frames import FrameRecord
from affectflow.records.peek import peek_features, peek_records
from affectflow.records.shards import write_shard


def example(index, valence=math.nan):
    return FrameRecord(
        "vidéo", "s", "c", index, 0.5, bytes(range(256)) * 3, np.arange(4, dtype=np.float32),
        np.zeros((5, 2), np.float32), 0.75, valence, valence, "d", {"expression": "joy"},
    )  # fmt: skip


def test_records_by_number(tmp_path):
    rows = [example(i, 0.25).serialize() for i in range(5)]
    write_shard(tmp_path / "shard", rows)
    assert peek_records(tmp_path / "shard", [4, 1, 9]) == {1: rows[1], 4: rows[4]}
    assert peek_records(tmp_path / "shard", []) == {}


def test_features():
    found = peek_features(example(1 << 40, 0.25).serialize())
    assert found["video_id"] == ["vidéo".encode()]
    assert found["face"] == [bytes(range(256)) * 3]
    assert found["frame_index"] == [1 << 40]
    assert found["box"] == [0, 1, 2, 3]
    assert found["valence"] == [0.25]
    assert "valence" not in peek_features(example(-3).serialize())
    assert peek_features(example(-3).serialize())["frame_index"] == [-3]


@pytest.mark.parametrize("data", [b"\xff" * 30, b"\x0a\x05ab", b"\x0b", b"\x0a\x02\x0a\x09"])
def test_damage_is_said(data):
    with pytest.raises(ValueError, match="the record"):
        peek_features(data)


def test_a_shard_that_ends_within_a_record(tmp_path):
    write_shard(tmp_path / "shard", [example(0).serialize()])
    data = (tmp_path / "shard").read_bytes()
    (tmp_path / "shard").write_bytes(data[:100])
    with pytest.raises(ValueError, match="the record should have"):
        peek_records(tmp_path / "shard", [0])
