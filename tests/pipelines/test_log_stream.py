"""Logs on a full disk. /dev/full is one: whatever is written to it, there is no room (ENOSPC)."""

import errno
import os
import subprocess
import sys

import apache_beam as beam
import pytest

from pipelines.beam import beam_args
from pipelines.log_stream import log_stream, lost_of, output_is_a_log
from pipelines.quiet import quiet_libraries


@pytest.fixture
def full():
    number = os.open("/dev/full", os.O_WRONLY)
    yield number
    os.close(number)


@pytest.mark.parametrize("buffered", [True, False])
def test_what_there_is_no_room_for_is_lost(full, buffered):
    with log_stream(full, buffered=buffered) as stream:
        for _ in range(3):
            print("x" * 10_000, file=stream)
        assert lost_of(stream).errno == errno.ENOSPC


def test_what_there_is_room_for_is_written(tmp_path):
    path = tmp_path / "a.log"
    with log_stream(os.open(path, os.O_WRONLY | os.O_CREAT), own=True) as stream:
        print("a line \ud800", file=stream)
        assert path.read_text() == "a line \\ud800\n"
        assert lost_of(stream) is None


def test_a_reader_that_is_gone_is_still_an_error():
    reader, writer = os.pipe()
    os.close(reader)
    stream = log_stream(writer, buffered=False)
    with pytest.raises(BrokenPipeError):
        print("x", file=stream)
    os.close(writer)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "mode", ["multi_threading", pytest.param("multi_processing", marks=pytest.mark.slow)]
)
def test_a_worker_whose_error_cannot_be_printed_answers_all_the_same(full, monkeypatch, mode):
    def fail(element):  # in here, so that it goes to another process whole and not by name
        raise OSError(errno.ENOSPC, "No space left on device", "/ws/a")

    told = log_stream(full)
    monkeypatch.setattr(sys, "stderr", told)  # as a process of this project begins with it
    options = ["--direct_num_workers=2", f"--direct_running_mode={mode}"]
    # Beam 2.74 prints it before it answers. With a plain stream this waits for ever.
    with pytest.raises(RuntimeError, match="No space left on device"):  # noqa: SIM117
        with beam.Pipeline(argv=beam_args(options)) as pipeline:
            _ = pipeline | beam.Create([1]) | beam.Reshuffle() | beam.Map(fail)
    if mode == "multi_threading":  # others have a standard error of their own
        assert lost_of(told).errno == errno.ENOSPC


def test_a_log_that_is_full_is_said_once(tmp_path, capfd):
    (tmp_path / "a.log").symlink_to("/dev/full")
    with quiet_libraries(tmp_path / "a.log"):
        for _ in range(3):
            os.write(1, b"")
            print("from a library", file=sys.stderr)
            subprocess.run([sys.executable, "-c", "import os; os.write(2, b'x')"], stderr=None)
        import logging

        logging.getLogger("beam").info("lost")
    said = capfd.readouterr().err.splitlines()
    lacks = f"note  {tmp_path}/a.log lacks lines (No space left on device)"
    assert [line for line in said if "lacks" in line] == [lacks]


def test_what_cannot_be_closed_is_told_in_the_log(tmp_path):
    script = """
import sys
from pathlib import Path
from pipelines.quiet import quiet_libraries, ready_streams

class Unclosable:
    def __del__(self):
        raise ValueError("seek of closed file")  # as ZipFile does of what was not written

def save():
    held = Unclosable()
    raise OSError("no room")

ready_streams()
try:
    with quiet_libraries(Path(sys.argv[1])):
        save()
except OSError as error:
    print(error, file=sys.stderr)
"""
    log = tmp_path / "a.log"
    done = subprocess.run(
        [sys.executable, "-c", script, log], stderr=subprocess.PIPE, text=True, check=True
    )
    assert done.stderr == "no room\n"
    assert "seek of closed file" in log.read_text()


def test_output_on_a_full_disk_ends_no_command(full):
    done = subprocess.run(
        [
            sys.executable, "-c",
            "from pipelines.quiet import ready_streams\n"
            "from pipelines.log_stream import output_is_a_log\n"
            "ready_streams()\n"
            "with output_is_a_log():\n"
            "    for _ in range(3): print('x' * 10000)\n",
        ],
        stdout=full, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stderr == "note  standard output lacks lines (No space left on device)\n"


def test_output_that_is_a_result_fails_on_a_full_disk(full):
    # What predict prints are the results.
    done = subprocess.run(
        [sys.executable, "-c", "from pipelines.quiet import ready_streams\n"
         "ready_streams()\nprint('row', flush=True)"],
        stdout=full, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert done.returncode != 0
    assert "No space left on device" in done.stderr


def test_a_stream_of_a_test_is_left_alone(capsys):
    with output_is_a_log():
        print("seen")
    assert capsys.readouterr().out == "seen\n"
