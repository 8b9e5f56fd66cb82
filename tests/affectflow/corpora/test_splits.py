from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from affectflow.corpora.splits import assign_splits

names = st.sets(st.text(max_size=8), max_size=30)
fractions = st.floats(0.01, 0.99)


@given(names, fractions, st.integers(0, 5))
def test_every_subject_has_a_split_and_neither_is_empty(subjects, fraction, seed):
    splits = assign_splits(subjects, fraction, seed)
    assert set(splits) == subjects
    assert set(splits.values()) <= {"train", "eval"}
    if len(subjects) >= 2:
        assert set(splits.values()) == {"train", "eval"}
    if len(subjects) == 1:
        assert set(splits.values()) == {"train"}


@given(names, st.integers(0, 5))
def test_the_order_does_not_matter(subjects, seed):
    once = assign_splits(sorted(subjects), 0.3, seed)
    assert assign_splits([*sorted(subjects, reverse=True), *subjects], 0.3, seed) == once


def test_adding_subjects_moves_nobody():
    few = assign_splits([f"s{i}" for i in range(20)], 0.3, seed=0)
    assert set(few.values()) == {"train", "eval"}
    many = assign_splits([f"s{i}" for i in range(500)], 0.3, seed=0)
    assert {name: many[name] for name in few} == few


def test_the_share_is_about_the_fraction_and_the_seed_changes_who():
    subjects = [f"s{i}" for i in range(2000)]
    first, second = (assign_splits(subjects, 0.2, seed) for seed in (0, 1))
    for splits in (first, second):
        # Binomial(2000, .2): mean 400, standard deviation 18; five of them either way.
        assert 310 < list(splits.values()).count("eval") < 490
    assert first != second
