"""Files that appear whole or not at all, also where a process ends in the middle of them."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from affectflow.files import whole_file

ROOT = Path(__file__).resolve().parents[2]
# A thread that is at work when its process ends, as one of a Beam job; Python does not unwind it.
IN_A_THREAD = """
import os, sys, threading
from pathlib import Path
from affectflow.files import whole_file

begun = threading.Event()

def work():
    with whole_file(Path("a.csv")) as part:
        part.write_text("half")
        begun.set()
        threading.Event().wait()

threading.Thread(target=work, daemon=True).start()
begun.wait()
"""


def ended(script, folder):
    return subprocess.run(
        [sys.executable, "-c", IN_A_THREAD + script], cwd=folder, capture_output=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, text=True,
    )  # fmt: skip


def test_a_file_is_there_when_it_is_whole(tmp_path):
    with whole_file(tmp_path / "a.csv") as part:
        part.write_text("whole")
        assert not (tmp_path / "a.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    with suppress(ValueError), whole_file(tmp_path / "a.csv") as part:
        part.write_text("half")
        raise ValueError
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "whole"


@pytest.mark.parametrize(("script", "status"), [("", 0), ("sys.exit(143)", 143)])
def test_what_a_thread_is_writing_goes_with_the_process(tmp_path, script, status):
    done = ended(script, tmp_path)
    assert (done.returncode, done.stderr) == (status, "")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_goes_once_the_file_is_there(tmp_path):
    done = ended("os.kill(os.getpid(), 9)", tmp_path)
    assert done.returncode == -9
    (left,) = tmp_path.iterdir()
    assert left.suffix == ".part"
    beside = [tmp_path / name for name in (".a.csv.part", ".b.csv.7.part", ".a.csv.7.png.part")]
    for path in beside:
        path.touch()
    with whole_file(tmp_path / "a.csv") as part:
        part.write_text("whole")
        assert left.exists()
    assert set(tmp_path.iterdir()) == {tmp_path / "a.csv", *beside}


def test_of_two_who_write_at_once_one_stays(tmp_path):
    with whole_file(tmp_path / "a.csv") as part:
        part.write_text("ours")
        other = tmp_path / "other"
        other.write_text("theirs")
        other.replace(tmp_path / "a.csv")
        part.unlink()  # taken for left by a killed process
    assert (tmp_path / "a.csv").read_text() == "theirs"
    # Whoever has written nothing is told.
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "a.csv"):
        pass


def test_a_forked_process_leaves_its_parent_s_alone(tmp_path):
    done = ended(
        """
if os.fork() == 0:
    sys.exit()  # in an orderly way
os.wait()
print(*os.listdir())
""",
        tmp_path,
    )
    assert done.stdout.startswith(".a.csv.")
    assert done.stdout.rstrip().endswith(".part")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_begun_when_the_process_ends(tmp_path):
    # Registered first, so it comes last, after what clears away.
    script = """
import atexit
from pathlib import Path

@atexit.register
def late():
    from affectflow.files import whole_file
    with whole_file(Path("late.csv")) as part:
        part.write_text("half")

import affectflow.files
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False, text=True,
    )  # fmt: skip
    assert "late.csv" in done.stderr
    assert "the process ends" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("alone", [False, True])
def test_what_fails_leaves_nothing(tmp_path, alone):
    target = tmp_path / "a.csv"
    with suppress(OSError), whole_file(target, alone) as part:
        part.write_text("half")
        raise OSError("the disk is full")
    assert list(tmp_path.iterdir()) == []


def test_who_writes_alone_writes_over_what_a_killed_process_left(tmp_path):
    (tmp_path / ".a.csv.part").write_text("half of another")
    with whole_file(tmp_path / "a.csv", alone=True) as part:
        part.write_text("whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "whole"
