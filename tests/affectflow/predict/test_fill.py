from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.predict.fill import fill
from affectflow.predict.rows import FramePrediction, PersonPrediction

NAN = math.nan
BOX = (0.1, 0.1, 0.2, 0.2)


def frame(number: int, people: dict[int, tuple[float, float]], shot: int = 0) -> FramePrediction:
    seen = tuple(PersonPrediction(n, BOX, 0.9, v, a) for n, (v, a) in people.items())
    return FramePrediction(number, number / 10, (100, 100), seen, shot)


def values(predictions) -> list[list[tuple]]:
    return [[(p.person, p.valence, p.arousal) for p in one.people] for one in predictions]


def test_a_gap_is_a_straight_line():
    # From 0 to .3 in three steps; arousal from 1 to -.5: -.5 a step.
    known = [frame(0, {1: (0.0, 1.0)}), frame(1, {}), frame(2, {}), frame(3, {1: (0.3, -0.5)})]
    found = list(fill(known))
    assert values(found)[1] == [(1, pytest.approx(0.1), pytest.approx(0.5))]
    assert values(found)[2] == [(1, pytest.approx(0.2), pytest.approx(0.0))]
    assert found[0] is known[0]
    assert found[3] is known[3]
    # What was not seen has no place.
    assert found[1].people[0].box is None
    assert math.isnan(found[1].people[0].score)


def test_the_ends_are_held():
    found = values(fill([frame(0, {}), frame(1, {1: (0.2, 0.4)}), frame(2, {}), frame(3, {})]))
    assert found == [[(1, 0.2, 0.4)]] * 4


def test_who_is_on_both_sides_is_filled_and_nobody_else():
    before, after = {1: (0.0, 0.0), 2: (1.0, 0.0)}, {2: (0.0, 1.0), 3: (0.5, 0.5)}
    found = values(fill([frame(0, before), frame(1, {}), frame(2, after)]))
    assert found[1] == [(2, 0.5, 0.5)]


def test_between_two_people_the_value_belongs_to_nobody():
    found = values(fill([frame(0, {1: (0.0, 0.0)}), frame(1, {}), frame(2, {2: (1.0, 0.5)})]))
    assert found[1] == [(None, 0.5, 0.25)]


def test_each_shot_is_filled_by_itself():
    one, other = {1: (0.0, 0.0)}, {1: (1.0, 0.5)}
    known = [frame(0, one), frame(1, {}), frame(2, {}, 1), frame(3, other, 1), frame(4, {}, 2)]
    found = list(fill(known))
    # Held to the end of its shot, and from the beginning of its shot; in the third there is nobody.
    assert values(found) == [[(1, 0.0, 0.0)]] * 2 + [[(1, 1.0, 0.5)]] * 2 + [[]]
    assert [one.shot for one in found] == [0, 0, 1, 1, 2]


def test_nothing_to_fill_from():
    assert values(fill([frame(0, {}), frame(1, {})])) == [[], []]
    assert list(fill([])) == []


def test_a_label_that_is_not_predicted_stays_unknown():
    (_, middle, _) = fill([frame(0, {1: (0.0, NAN)}), frame(1, {}), frame(2, {1: (1.0, NAN)})])
    assert middle.people[0].valence == 0.5
    assert math.isnan(middle.people[0].arousal)


@given(st.lists(st.none() | st.tuples(st.floats(-1, 1), st.floats(-1, 1)), max_size=30))
def test_every_frame_once_and_filled_within_what_is_known(rows):
    known = [frame(n, {} if row is None else {1: row}) for n, row in enumerate(rows)]
    found = list(fill(known))
    assert [(f.frame, f.second) for f in found] == [(f.frame, f.second) for f in known]
    seen = [row for row in rows if row is not None]
    for before, after in zip(known, found):
        if before.people:
            assert after is before
        elif seen:
            (one,) = after.people
            assert min(v for v, _ in seen) - 1e-9 <= one.valence <= max(v for v, _ in seen) + 1e-9
