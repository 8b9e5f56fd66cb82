from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.training.holdout import hold_out

names = st.sets(st.text(min_size=1, max_size=8), min_size=2, max_size=30)


@given(names, st.floats(0.05, 0.9), st.integers(0, 5))
def test_everybody_is_on_one_side_and_both_sides_are_taken(subjects, fraction, seed):
    parted = hold_out(subjects, fraction, seed)
    assert set(parted.fit) | set(parted.tune) == subjects
    assert not set(parted.fit) & set(parted.tune)
    assert parted.fit
    assert parted.tune


@given(names, st.integers(0, 5))
def test_the_order_and_repetition_of_names_change_nothing(subjects, seed):
    once = hold_out(sorted(subjects), 0.3, seed)
    assert hold_out([*sorted(subjects, reverse=True), *subjects], 0.3, seed) == once


def test_the_share_is_as_asked_on_average():
    # 2000 independent draws at .1: a standard deviation of .0067.
    parted = hold_out((f"subject{n}" for n in range(2000)), 0.1, seed=0)
    assert len(parted.tune) / 2000 == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize(("subjects", "fraction"), [(["a", "b", "c"], 0.0), (["a"], 0.5)])
def test_nobody_is_held_out(subjects, fraction):
    parted = hold_out(subjects, fraction, seed=0)
    assert set(parted.fit) == set(subjects)
    assert not parted.tune
