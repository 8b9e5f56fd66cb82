import logging
import os
import subprocess
import sys

import pytest
import typer

from affectflow import progress
from affectflow.errors import InputError
from pipelines.cli.console import NodeView, user_errors
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


def test_verbose_shows_it(tmp_path, capsys):
    with quiet_libraries(tmp_path / "a.log", verbose=True):
        logging.getLogger("beam").info("by logging")
    assert "INFO:beam:by logging" in capsys.readouterr().err
    assert not (tmp_path / "a.log").exists()


def test_the_log_is_let_go_even_when_it_fails(tmp_path, capfd):
    root = logging.getLogger()
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


def test_ctrl_c_in_a_beam_job_stays_one(capsys):
    with pytest.raises(KeyboardInterrupt), user_errors():
        raise RuntimeError("KeyboardInterrupt [while running 'Predict']")
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
