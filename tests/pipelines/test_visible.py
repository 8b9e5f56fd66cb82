"""Texts from elsewhere: nothing in them moves a cursor, breaks a line or turns the writing."""

from __future__ import annotations

import io
import logging
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.progress import Progress, TextColumn
from rich.table import Table
from rich.text import Text

from affectflow.errors import InputError
from pipelines.cli import console as consoles
from pipelines.cli.console import FrameView, VisibleConsole, say, user_errors
from pipelines.cli.terminal import cell, line
from pipelines.visible import VisibleFormatter, visible, visible_lines

# C0, DEL and C1; the marks that turn the direction of writing (UAX #9); ends of lines; halves of
# pairs, as undecodable bytes of a file's name are read.
OBEYED = "\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff"
OBEYS = re.compile(f"[{OBEYED}]")
BUT_LINES = re.compile(f"(?!\n)[{OBEYED}]")
HOSTILE = "a\x1b[2J\x1b]0;x\x07\r\x08\x7f\x9b31m\u202e\u2066\u2028\udcff\nError: [red]:cat:[/]"
SHOWN = r"a\x1b[2J\x1b]0;x\x07\r\x08\x7f\x9b31m\u202e\u2066\u2028\udcff\nError: [red]:cat:[/]"

TEXTS = st.text(st.characters() | st.sampled_from("\x1b\r\n\x9b\u202e\u2028\udcff\ud800"))


@given(TEXTS)
def test_nothing_that_is_obeyed_is_left(text):
    shown = visible(text)
    assert not OBEYS.search(shown)
    assert visible(shown) == shown
    shown.encode("utf-8")


@given(TEXTS)
def test_what_was_there_can_be_told(text):
    # As a Python string would be read; a backslash of its own stands as it is.
    if "\\" not in text:
        escapes = re.compile(r"\\(?:x..|u....|U........|[rnt])")
        decoded = escapes.sub(
            lambda found: found[0].encode().decode("unicode_escape"), visible(text)
        )
        assert decoded == text


@given(st.text(st.characters(whitelist_categories=("L", "M", "N", "P", "S", "Zs"))))
def test_what_can_be_seen_stays(text):
    assert visible(text) == text


@given(TEXTS)
def test_lines_stay_lines(text):
    shown = visible_lines(text, "  ")
    assert not BUT_LINES.search(shown)
    assert shown.count("\n") == text.count("\n")
    assert all(not part or part.startswith("  ") for part in shown.split("\n"))


@pytest.fixture
def logged():
    """logged(name): a logger whose lines are formatted as the commands do, and what was written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(VisibleFormatter(logging.BASIC_FORMAT))
    used = []

    def make(name):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        # pytest keeps records, and xdist cannot send what is no Unicode.
        logger.propagate = False
        used.append(logger)
        return logger, stream

    yield make
    for logger in used:
        logger.removeHandler(handler)
        logger.propagate = True


def test_a_record_of_ours_is_one_line(logged):
    logger, stream = logged("components.hostile")
    logger.warning("rejected %s", HOSTILE)
    assert stream.getvalue() == f"WARNING:components.hostile:rejected {SHOWN}\n"


def test_libraries_may_say_several_lines(logged):
    logger, stream = logged("tfx.hostile")
    logger.warning("node {\n  id: %s\n}", "\x1b[31m")
    assert stream.getvalue() == "WARNING:tfx.hostile:node {\n    id: \\x1b[31m\n  }\n"


def test_no_line_of_a_traceback_passes_for_one_of_the_log(logged):
    logger, stream = logged("pipelines.hostile")
    try:
        raise ValueError(f"no such clip: {HOSTILE}")
    except ValueError:
        logger.exception("stopped")
    first, *rest = stream.getvalue().rstrip("\n").split("\n")
    assert first == "ERROR:pipelines.hostile:stopped"
    assert len(rest) > 3
    assert all(part.startswith("  ") for part in rest)
    assert not BUT_LINES.search(stream.getvalue())


@pytest.fixture
def terminal(monkeypatch):
    """A console that thinks that it is a terminal, in place of the commands' own."""
    stream = io.StringIO()
    made = VisibleConsole(file=stream, force_terminal=True, width=200, color_system="standard")
    monkeypatch.setattr(consoles, "console", made)
    monkeypatch.setattr("pipelines.cli.terminal.console", made)
    return made, stream


# What rich writes for itself: colours and styles, cursor, clearing of a line, carriage return.
OWN = re.compile(r"\x1b\[[\d;?]*[mABCDGHJKhl]|\r")


def obeyed(text: str) -> set[str]:
    return set(BUT_LINES.findall(OWN.sub("", text)))


def test_everything_that_a_console_prints(terminal):
    console, stream = terminal
    table = Table("a", "b")
    table.add_row(HOSTILE.replace("[/]", ""), cell(HOSTILE))
    say(HOSTILE, console)
    line("name", HOSTILE, "bold")
    console.print(table)
    console.print(Text(HOSTILE), soft_wrap=True)
    console.print(HOSTILE, markup=False, style="red")
    written = stream.getvalue()
    assert obeyed(written) == set()
    assert "\x1b[2J" not in written
    assert "\x1b]0" not in written
    # Its own go on.
    assert "\x1b[1m" in written
    assert "\x1b[31m" in written
    assert written.split("\n")[0] == SHOWN
    # Names are no markup and no pictures.
    assert ":cat:" in written


def test_bars_go_on_and_obey_no_name(terminal):
    console, stream = terminal
    with FrameView() as view, view.video(HOSTILE) as on_frame:
        for frame in range(1, 17):
            on_frame(frame, 16)
        view._bars.refresh()
    plain = Progress(TextColumn("{task.description}", markup=False), console=console)
    with plain:
        plain.add_task(HOSTILE.partition("\n")[0])
    written = stream.getvalue()
    assert obeyed(written) == set()
    assert "\x1b[2J" not in written
    assert "\x1b[2K" in written
    assert SHOWN in written


def test_an_error_is_one_line_whatever_it_names(tmp_path, capsys):
    log = tmp_path / "a.log"
    with pytest.raises(Exception, match="1"), user_errors(log):
        raise InputError(f"file {HOSTILE} is gone")
    assert capsys.readouterr().err == f"Error: file {SHOWN} is gone\nThe full story is in {log}\n"
    assert not BUT_LINES.search(log.read_text())
