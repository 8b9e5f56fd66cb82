"""A shard is whole or absent, and is read back by range."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.errors import AffectflowError
from affectflow.records.shards import read_shard, shard_name, shards, split_dir, write_shard


def test_records_are_read_back_in_order_and_by_range(tmp_path):
    records = [b"", b"\0\xff", *(str(n).encode() for n in range(20))]
    path = tmp_path / "below" / "data"
    assert write_shard(path, iter(records)) == 22
    assert list(read_shard(path)) == records
    assert list(read_shard(path, 3)) == records[3:]
    assert list(read_shard(path, 3, 7)) == records[3:7]
    assert list(read_shard(path, 22)) == []


@pytest.mark.parametrize("records", [0, 5])
def test_nothing_is_left_when_a_record_cannot_be_made(tmp_path, records):
    def failing():
        yield from [b"x" * 1000] * records
        raise ValueError("the third clip")

    with pytest.raises(ValueError, match="the third clip"):
        write_shard(tmp_path / "data", failing())
    assert list(tmp_path.iterdir()) == []


def test_an_older_shard_stays_whole_when_writing_it_again_fails(tmp_path):
    write_shard(tmp_path / "data", [b"old"])

    def failing():
        yield b"new"
        raise ValueError("the third clip")

    with pytest.raises(ValueError, match="the third clip"):
        write_shard(tmp_path / "data", failing())
    assert list(read_shard(tmp_path / "data")) == [b"old"]
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_an_unfinished_shard_is_not_listed(tmp_path):
    path = split_dir(tmp_path, "train") / shard_name(0, 1)
    seen = []

    def records():
        yield b"a"
        seen.append((shards(tmp_path, "train"), [p.name for p in path.parent.iterdir()]))
        yield b"b"

    write_shard(path, records())
    ((listed, names),) = seen
    assert listed == []
    assert len(names) == 1
    assert names[0].startswith("."), "TFX and Beam skip what begins with a dot"
    assert shards(tmp_path, "train") == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_says_what_would_do_and_leaves_nothing(tmp_path):
    # The unfinished shard's own name leads to a device on which every write fails as on a full
    # disk (ENOSPC).
    (tmp_path / f".data.{os.getpid()}.part").symlink_to("/dev/full")
    with pytest.raises(AffectflowError, match="free some space or choose another --workspace"):
        write_shard(tmp_path / "data", [b"x" * 100_000] * 100)
    assert list(tmp_path.iterdir()) == []


@given(st.integers(1, 99_999), st.data())
def test_names_sort_by_number(total, data):
    numbers = data.draw(st.lists(st.integers(0, total - 1), unique=True, max_size=20))
    names = [shard_name(n, total) for n in sorted(numbers)]
    assert names == sorted(names)
    assert len(set(names)) == len(names)


def test_an_absent_split_has_no_shards(tmp_path):
    assert shards(tmp_path, "train") == []
