from __future__ import annotations

import math
from fractions import Fraction

import pytest

from affectflow.predict.annotated.timing import LONGEST_GAP_S, Slots, constant_rate


def test_slots_without_a_time_follow_each_other():
    slots = Slots(10.0)
    assert [slots.place(t) for t in (math.nan, math.nan, 7.0, 7.1, math.nan, 7.3)] == [*range(6)]


def test_no_frame_is_repeated_in_an_hour_of_23_976():
    slots = Slots(float(constant_rate(23.98, [])))
    placed = [slots.place(i * 1001 / 24000) for i in range(86_400)]
    assert placed == list(range(86_400))


def test_leaps_of_the_clock_are_bounded():
    slots = Slots(10.0)
    far = round(LONGEST_GAP_S * 10)
    # A day forward is cut to the longest gap; from there on time goes on as the file has it.
    assert [slots.place(t) for t in (0.0, 86_400.0, 86_400.2)] == [0, far, far + 2]
    # Back to the start begins anew after the last one; a step back of half a second waits.
    assert [slots.place(t) for t in (0.0, 0.1, 0.5, 0.2, 0.6)] == [
        far + 3, far + 4, far + 8, far + 8, far + 9,
    ]  # fmt: skip


def test_a_clock_that_goes_to_and_fro_does_not_multiply_its_frames():
    slots = Slots(25.0)
    placed = [slots.place(59.0 * (number % 2)) for number in range(400)]
    assert placed == sorted(placed)
    # 59 s the first time, then what is believed, halved each time it goes back: 30, 15, 7.5, …
    # Frames that follow each other have a slot each.
    assert placed[1] == 59 * 25
    assert placed[3] - placed[2] == 30 * 25
    assert slots.last < 2 * 60 * 25 + 400


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        (None, Fraction(25)), (0.0, Fraction(25)), (math.nan, Fraction(25)), (15.0, Fraction(15)),
        (1000.0, Fraction(120)), (0.1, Fraction(1)), (12.5, Fraction(25, 2)),
        (29.97, Fraction(30000, 1001)), (59.94, Fraction(60000, 1001)),
    ],
)  # fmt: skip
def test_what_is_stated_is_made_sane_and_exact(fps, rate):
    assert constant_rate(fps, []) == rate
    # Times that say nothing: none, a still, or unevenly spaced ones.
    for seconds in ([math.nan] * 12, [0.0] * 12, [0.0, 0.1, 0.13, 0.2, 0.3, 0.33, 0.4]):
        assert constant_rate(fps, seconds) == rate


@pytest.mark.parametrize(
    ("fps", "shown", "rate"),
    [
        (23.67, 24.0, Fraction(24)),  # a real file: the average counts a pause at its end
        (26.4, 30.0, Fraction(30)),  # a real file: 30 at first, 24 later
        (None, 50.0, Fraction(50)),
        (1000.0, 30.0, Fraction(30)),  # the clock of a Matroska file
        (1000.0, 240.0, Fraction(120)),
        (29.97, 30000 / 1001, Fraction(30000, 1001)),
        (25.0, 10.0, Fraction(25)),  # a slow start must not cost frames later
    ],
)
@pytest.mark.parametrize("digits", [6, 3])  # of the timestamps: MP4 and Matroska
def test_first_frames_show_the_rate(fps, shown, rate, digits):
    seconds = [round(0.5 + i / shown, digits) for i in range(12)]
    # A dozen whole milliseconds do not tell 30 from 30000/1001.
    assert constant_rate(fps, seconds) == (rate if digits == 6 else pytest.approx(rate, rel=0.0011))
