import gc
import logging
import os
import re
import subprocess
import sys
from contextlib import suppress

import pytest
import typer
from rich.console import Console

from affectflow import progress
from affectflow.errors import InputError
from pipelines import progress_log
from pipelines.cli.console import FrameView, NodeView, user_errors
from pipelines.quiet import quiet_libraries


def test_what_libraries_write_goes_to_the_log(tmp_path, capfd):
    log = tmp_path / "logs/a.log"
    with quiet_libraries(log, verbose=False):
        logging.getLogger("beam").info("by logging")
        subprocess.run([sys.executable, "-c", "import os; os.write(2, b'by descriptor')"])
        os.write(2, b" and here")
    os.write(2, b"after")
    assert capfd.readouterr().err == "after"
    text = log.read_text()
    assert "INFO:beam:by logging\n" in text
    assert "by descriptor and here" in text


def test_people_are_told_where_standard_error_led_before(tmp_path, capfd):
    with quiet_libraries(tmp_path / "a.log") as stderr:
        print("told", file=stderr)
        os.write(2, b"kept away")
    assert capfd.readouterr().err == "told\n"


def test_nobody_who_listens_any_more_is_no_error(tmp_path):
    reader, writer = os.pipe()
    before = os.dup(2)
    os.dup2(writer, 2)
    os.close(writer)
    os.close(reader)
    try:
        with quiet_libraries(tmp_path / "a.log") as stderr, suppress(BrokenPipeError):
            print("told", file=stderr)
    finally:
        os.dup2(before, 2)
        os.close(before)


def test_verbose_shows_it(tmp_path, capsys):
    with quiet_libraries(tmp_path / "a.log", verbose=True):
        logging.getLogger("beam").info("by logging")
    assert "INFO:beam:by logging" in capsys.readouterr().err
    assert not (tmp_path / "a.log").exists()


def test_the_log_is_let_go_even_when_it_fails(tmp_path, capfd):
    root = logging.getLogger()
    gc.collect()  # of what other tests left open nothing is closed in between
    before = (list(root.handlers), root.level, len(os.listdir("/proc/self/fd")))
    with pytest.raises(ValueError, match="x"), quiet_libraries(tmp_path / "a.log", False):
        raise ValueError("x")
    assert (list(root.handlers), root.level, len(os.listdir("/proc/self/fd"))) == before
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_a_users_error_is_one_message(tmp_path, capsys):
    log = tmp_path / "a.log"
    with pytest.raises(typer.Exit) as ended, user_errors(log):
        raise InputError("file [a/b].mp4 is 3; 4 would do")
    assert ended.value.exit_code == 1
    # Brackets in a name are no markup.
    assert capsys.readouterr().err == (
        f"Error: file [a/b].mp4 is 3; 4 would do\nThe full story is in {log}\n"
    )
    assert "Traceback" in log.read_text()


def test_an_unknown_error_is_told_shortly_and_kept_in_full(tmp_path, capsys):
    with pytest.raises(typer.Exit), user_errors(tmp_path / "a.log"):
        raise ValueError("first\nsecond")
    assert capsys.readouterr().err.startswith("Error: ValueError: second\n")
    # Without a log there is nowhere else to look.
    with pytest.raises(ValueError, match="first"), user_errors():
        raise ValueError("first")


def test_typers_own_ends_pass():
    with pytest.raises(typer.Exit) as ended, user_errors():
        raise typer.Exit(3)
    assert ended.value.exit_code == 3


def test_a_signal_in_a_beam_job_stays_one(capsys):
    with pytest.raises(KeyboardInterrupt), user_errors():
        raise RuntimeError("KeyboardInterrupt [while running 'Predict']")
    with pytest.raises(SystemExit, match="143"), user_errors():
        raise RuntimeError("SystemExit: 143 [while running 'Predict']")
    assert capsys.readouterr().err == ""


def test_nodes_are_told_one_a_line(capsys):
    class Result:
        def __init__(self, state):
            self.state = state

    with NodeView() as view:
        for node, state in (("A", "complete"), ("B", "cached"), ("C", "skipped")):
            view.on_node(node, None)
            progress.advance("frames", 3, 10)
            progress.advance("frames", 3)
            view.on_node(node, Result(state))
    rows = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert rows == [["done", "A"], ["reused", "B"], ["skipped", "C"]]
    # Nobody listens any more.
    progress.advance("frames", 1)


@pytest.fixture
def no_minute(monkeypatch):
    """A line as often as anything is told, not once a minute."""
    monkeypatch.setattr(progress_log, "EVERY_S", 0.0)


def without_times(text):
    return [re.sub(r"^\d\d:\d\d:\d\d | \([^()]*\)", "", line) for line in text.splitlines()]


def test_the_only_video_is_told_frame_by_frame_of_how_many(no_minute, capsys):
    with FrameView(1) as view, view.video("a.mp4") as on_frame:
        on_frame(1, 3)
        on_frame(2, 3)
    assert without_times(capsys.readouterr().out) == [
        "predict: videos 0 of 1",
        "predict: videos 0 of 1; frames 1 of 3",
        "predict: videos 0 of 1; frames 2 of 3",
        "predict: videos 1 of 1; frames 2 of 3",
    ]


def test_of_several_videos_the_frames_are_counted_on(no_minute, capsys):
    with FrameView(2) as view:
        for name in ("a.mp4", "b.mp4"):
            with view.video(name) as on_frame:
                on_frame(1, 3)
    assert without_times(capsys.readouterr().out)[-1] == "predict: videos 2 of 2; frames 2"


def test_beside_rows_the_lines_go_elsewhere(no_minute, capsys):
    with FrameView(1, rows=sys.stderr) as view, view.video("a.mp4"):
        pass
    told = capsys.readouterr()
    assert told.out == ""
    assert without_times(told.err)[-1] == "predict: videos 1 of 1"


def test_short_work_has_no_line(capsys):
    with FrameView(1) as view, view.video("a.mp4") as on_frame:
        on_frame(1, 1)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("rows", [None, sys.stderr])
def test_a_terminal_has_no_lines(no_minute, capsys, monkeypatch, rows):
    # It has the bar, or the rows.
    monkeypatch.setattr("pipelines.cli.console.console", Console(force_terminal=True))
    with FrameView(1, rows=rows) as view, view.video("a.mp4") as on_frame:
        on_frame(1, 1)
    told = capsys.readouterr()
    assert "predict:" not in told.out + told.err
    assert bool(told.out) is (rows is None)
