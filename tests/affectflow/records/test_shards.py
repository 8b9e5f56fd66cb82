"""A shard is whole or absent, and is read back by range."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.errors import AffectflowError
from affectflow.records.shards import (
    DamagedShards,
    read_shard,
    shard_name,
    shards,
    split_dir,
    write_shard,
)


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


@pytest.fixture
def three(tmp_path):
    """The shards of a split of three."""
    paths = [split_dir(tmp_path, "train") / shard_name(n, 3) for n in range(3)]
    for number, path in enumerate(paths):
        write_shard(path, [b"%d-%d" % (number, n) for n in range(5)])
    assert shards(tmp_path, "train") == paths
    return paths


def test_a_missing_shard_is_named_with_what_would_do(three, tmp_path):
    three[1].unlink()
    with pytest.raises(DamagedShards) as failed:
        shards(tmp_path, "train")
    folder = tmp_path / "Split-train"
    assert f"{folder} lacks data-00001-of-00003.tfrecord. Remove {tmp_path}" in str(failed.value)


def test_the_first_of_many_missing_shards_are_named(three, tmp_path):
    (tmp_path / "Split-train/data-00000-of-00009.tfrecord").touch()
    for path in three:
        path.unlink()
    with pytest.raises(DamagedShards, match=r"lacks .*00001-of-00009.*, .*00003-.* and 5 more"):
        shards(tmp_path, "train")


@pytest.mark.parametrize("name", ["notes.txt", "data", "beam-temp-data-00001-of-00003"])
def test_what_is_no_shard_is_not_passed_over(three, tmp_path, name):
    stray = tmp_path / "Split-train" / name
    # Beam's unfinished output is a folder, with shards in it.
    stray.mkdir() if "temp" in name else stray.touch()
    with pytest.raises(DamagedShards, match=f"{name} lies among shards and is none"):
        shards(tmp_path, "train")


def test_shards_of_two_numbers_are_not_one_set(three, tmp_path):
    write_shard(tmp_path / "Split-train" / shard_name(0, 1), [b"x"])
    with pytest.raises(DamagedShards, match="shards of 2 sets"):
        shards(tmp_path, "train")


def test_the_names_of_transforms_output_are_shards(tmp_path):
    (tmp_path / "Split-eval").mkdir()
    for number in range(2):
        (tmp_path / f"Split-eval/transformed_examples-0000{number}-of-00002.gz").touch()
    assert len(shards(tmp_path, "eval")) == 2


@pytest.mark.parametrize("where", ["length", "content", "end"])
def test_a_damaged_record_is_damage_and_not_a_full_disk(three, where):
    data = bytearray(three[0].read_bytes())
    # Each record is 8 bytes of length, 4 of checksum, 3 of content ("0-n") and 4 of checksum.
    assert len(data) == 5 * (8 + 4 + 3 + 4)
    if where == "end":
        del data[-3:]
    else:
        data[19 * 2 + (0 if where == "length" else 12)] ^= 1
    three[0].write_bytes(data)
    # Also where the records are copied into another shard.
    for use in (list, lambda records: write_shard(three[0].with_name("copy"), records)):
        with pytest.raises(DamagedShards, match=f"{three[0].name} cannot be read from") as failed:
            use(read_shard(three[0]))
        assert "made anew" in str(failed.value)
        assert "space" not in str(failed.value)


def test_a_shard_that_ends_too_soon_is_damaged(three):
    with pytest.raises(DamagedShards, match="ends after 5 records of 6 expected"):
        list(read_shard(three[2], 0, 6))


def test_a_shard_that_is_gone_is_named(three):
    three[0].unlink()
    with pytest.raises(DamagedShards, match=r"data-00000-of-00003\.tfrecord cannot be read"):
        list(read_shard(three[0]))
