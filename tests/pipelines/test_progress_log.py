"""How far long work is, in lines. Expected values: worked out from a clock that the test turns."""

from __future__ import annotations

import io
import re

import pytest

from affectflow import progress
from affectflow.progress import time_left
from pipelines.progress_log import ProgressLines, notes_to


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def told():
    """Everything that is noted, as it stands in a file."""
    stream = io.StringIO()
    with notes_to(stream):
        yield lambda: stream.getvalue().splitlines()


def test_a_line_a_minute_says_how_far_it_is(told):
    clock = Clock()
    lines = ProgressLines("VideoExampleGen", clock=clock)
    for second in range(1, 150):
        clock.now = 1000 + second
        lines.advance("frames decoded", 20, None)
        if second % 10 == 0:
            lines.advance("videos", 1, 1400)
    first, second = told()
    # After 60 s: 60 times 20 frames; the 6th video comes with the 60th second, after the line.
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d VideoExampleGen: frames decoded 1 200 \(20 a second\);"
        r" videos 5 of 1 400 \(0\.1 a second, about 3 h 52 min left\)",
        first,
    )
    # 120 times 20 frames in 119 s since the first of them.
    assert "frames decoded 2 400 (20 a second); videos 11 of 1 400" in second


def test_what_is_done_has_no_time_left(told):
    clock = Clock()
    lines = ProgressLines("N", every_s=5, clock=clock)
    lines.advance("features", 10, 20)
    clock.now += 5
    lines.advance("features", 10, 20)
    assert told()[0].endswith("N: features 20 of 20 (4 a second)")


def test_short_work_is_told_by_its_end_alone(told):
    clock = Clock()
    lines = ProgressLines("N", clock=clock)
    for _ in range(1000):
        clock.now += 0.05
        lines.advance("frames", 1, 1000)
    assert told() == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (89, "89 s"), (95, "2 min"), (3599, "60 min"), (5399, "1 h 30 min"),
     (12_000, "3 h 20 min")],
)  # fmt: skip
def test_times(seconds, text):
    assert time_left(seconds) == text


def test_a_note_is_a_line_as_it_is(told):
    progress.note("100 % of %s")
    assert told()[0].endswith(" 100 % of %s")
    assert len(told()) == 1


def test_nobody_is_told_afterwards(told):
    stream = io.StringIO()
    with notes_to(stream):
        pass
    progress.note("late")
    assert stream.getvalue() == ""
