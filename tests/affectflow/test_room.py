"""A full disk is known whatever it went through. The words are those that each of these gave."""

import errno
import os
import re
from pathlib import Path

import pytest

from affectflow import room
from affectflow.errors import InputError
from affectflow.room import no_room


def raised(error, cause=None):
    try:
        raise error from cause
    except BaseException as caught:
        return caught


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_file_that_could_not_be_written_says_which_folder_has_no_room(tmp_path, number):
    told = no_room(OSError(number, os.strerror(number), str(tmp_path / "gone/a.zip")))
    found = re.fullmatch(
        rf"no room in {re.escape(str(tmp_path))} \({os.strerror(number)}\): "
        r"[\d.]+ [kMG]B of [\d.]+ [kMG]B are free now\. Free some space there, "
        r"or choose another folder, and run the same "
        r"command again: what is done is kept",
        told,
    )
    assert found, told


def test_a_folder_that_a_person_knows_is_named_rather_than_one_inside(tmp_path):
    (tmp_path / "artifacts/node").mkdir(parents=True)
    error = OSError(errno.ENOSPC, "No space left on device", tmp_path / "artifacts/node/a")
    named = OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "artifacts/node/a"))
    assert no_room(named, [tmp_path]).startswith(f"no room in {tmp_path} (")
    assert no_room(named).startswith(f"no room in {tmp_path}/artifacts/node (")
    # Nothing but the words is known of a file that has no name.
    assert no_room(error, [tmp_path]).startswith(f"no room in {tmp_path} (")
    assert "or choose another folder" in no_room(named, [tmp_path])


@pytest.mark.parametrize(
    "words",
    [
        # TensorFlow's record writer, its checkpoints, and its event files.
        "{}/a.rec; No space left on device",
        "{{{{function_node __wrapped__SaveV2_dtypes_3_device_/job:localhost}}}} {}/v; "
        "No space left on device [Op:SaveV2]",
        # A worker of Beam sends the text of a traceback.
        'bundle_6 failed: Traceback (most recent call last):\n  File "/lib/core.py", line 2128\n'
        "OSError: [Errno 28] No space left on device: '{}/a' [while running 'Write']\n\n",
        # This project's own, which repeats TensorFlow's.
        "{0}/a: cannot be written ({0}/.a.part; No space left on device); free some space",
        "Disk quota exceeded: '{}/b'",
    ],
)
def test_words_are_enough(tmp_path, words):
    error = raised(RuntimeError("job failed"), RuntimeError(words.format(tmp_path)))
    assert no_room(error).startswith(f"no room in {tmp_path} (")


def test_what_is_only_read_is_not_meant(tmp_path):
    # As an error of a clip may be worded.
    (tmp_path / "corpus").mkdir()
    (tmp_path / "ws").mkdir()
    error = RuntimeError(f"No space left on device while {tmp_path}/corpus/a.mp4 was decoded")
    assert no_room(error, [tmp_path / "ws"]).startswith(f"no room in {tmp_path}/ws (")


def test_a_database_means_the_folder_that_was_given(tmp_path):
    # As ML Metadata says it: a query names files of other kinds.
    error = RuntimeError(
        "Error when executing query: database or disk is full query: INSERT INTO `Artifact` "
        "(`uri`) VALUES ('/usr/lib/x')"
    )
    assert no_room(error, [tmp_path]).startswith(
        f"no room in {tmp_path} (database or disk is full): "
    )
    assert no_room(error).startswith("no room on the disk (database or disk is full). Free some")


@pytest.mark.parametrize("left", [0, 1 << 30])
def test_what_a_full_disk_may_be_behind_is_one_where_it_is_full(tmp_path, monkeypatch, left):
    monkeypatch.setattr(room, "_free", lambda folder: (left, 1 << 31))
    error = RuntimeError("Error when executing query: disk I/O error query: COMMIT;")
    assert (no_room(error, [tmp_path]) is None) == (left > 0)


def test_of_several_folders_the_full_one_is_meant(tmp_path, monkeypatch):
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir(), second.mkdir()
    free = {first: 1 << 30, second: 4096}
    monkeypatch.setattr(room, "_free", lambda folder: (free.get(Path(folder), 1 << 30), 1 << 31))
    error = RuntimeError("database or disk is full")
    assert no_room(error, [first, second]).startswith(f"no room in {second} (")
    free[second] = 1 << 30
    assert no_room(error, [first, second]).startswith(f"no room in {first} (")


@pytest.mark.parametrize(
    "error",
    [InputError("x is 3"), OSError(errno.EACCES, "Permission denied", "/x"), RuntimeError("")],
)
def test_nothing_else_is_one(error):
    assert no_room(error) is None
