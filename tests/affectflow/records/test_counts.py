"""The accounts of a rebuild add up or are not written."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from affectflow.errors import AffectflowError
from affectflow.records.counts import (
    COUNTS_FILE,
    NOTED,
    FrameCounts,
    load_counts,
    notes,
    save_counts,
)

count = st.integers(0, 10**9)
parts = st.tuples(count, count, count, count, count)


def adding_up(classes: tuple[int, ...]) -> FrameCounts:
    return FrameCounts(sum(classes), *classes)


@given(parts, parts)
def test_sums_of_accounts_add_up(one, two):
    total = adding_up(one) + adding_up(two)
    total.check("both")
    assert dataclasses.astuple(total)[1:] == tuple(a + b for a, b in zip(one, two))
    assert total.faces == total.no_label + total.removed_zero + total.removed_balancing + total.kept


@given(parts, st.sampled_from([field.name for field in dataclasses.fields(FrameCounts)]), count)
def test_any_number_that_is_off_is_noticed(classes, name, value):
    counts = adding_up(classes)
    assume(value != getattr(counts, name))
    with pytest.raises(AffectflowError, match="split train: the frame counts do not add up"):
        dataclasses.replace(counts, **{name: value}).check("split train")


def test_what_is_saved_is_loaded(tmp_path):
    by_split = {"train": adding_up((1, 2, 3, 4, 5)), "eval": FrameCounts()}
    clips = {"listed": 3, "used": 2, "rejected": {"no_face": 1}}
    save_counts(tmp_path, by_split, clips)
    assert load_counts(tmp_path) == (by_split, clips)


def test_nothing_is_told_where_nothing_was_noted():
    assert (
        list(notes({"listed": 3})) == list(notes({"noted": {}})) == list(notes({"noted": 4})) == []
    )
    # A name of a later version is passed over.
    assert list(notes({"noted": {"unheard of": 1, "remarks": 2}})) == [
        f"2 of the clips used {NOTED['remarks']}"
    ]


def test_accounts_that_do_not_add_up_are_not_written(tmp_path):
    with pytest.raises(AffectflowError, match=r"split eval: .* 7 decoded"):
        save_counts(tmp_path, {"train": FrameCounts(), "eval": FrameCounts(decoded=7, kept=6)}, {})
    assert not (tmp_path / COUNTS_FILE).exists()
