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


@given(names, st.sets(st.integers(0, 29)), st.floats(0.05, 0.9), st.integers(0, 5))
def test_somebody_and_his_mirror_image_are_on_one_side(people, mirrored, fraction, seed):
    names = {name.replace("~", "-") for name in people}
    copies = {f"{name}~mirrored" for n, name in enumerate(sorted(names)) if n in mirrored}
    alone, both = hold_out(names, fraction, seed), hold_out(names | copies, fraction, seed)
    assert set(both.fit) | set(both.tune) == names | copies
    assert set(both.tune) & names == set(alone.tune)
    for copy in copies:
        assert (copy in both.tune) == (copy.removesuffix("~mirrored") in both.tune)


def test_a_single_person_and_his_mirror_image_hold_nobody_out():
    assert not hold_out(["a", "a~mirrored"], 0.5, seed=0).tune


def test_the_share_is_as_asked_on_average():
    # 2000 independent draws at .1: a standard deviation of .0067.
    parted = hold_out((f"subject{n}" for n in range(2000)), 0.1, seed=0)
    assert len(parted.tune) / 2000 == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize(("subjects", "fraction"), [(["a", "b", "c"], 0.0), (["a"], 0.5)])
def test_nobody_is_held_out(subjects, fraction):
    parted = hold_out(subjects, fraction, seed=0)
    assert set(parted.fit) == set(subjects)
    assert not parted.tune
