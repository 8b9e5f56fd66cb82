"""Counts by clip: what differs is named, and files are read back."""

from __future__ import annotations

import pickle
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.corpora.clip import ClipKey
from affectflow.errors import InputError
from affectflow.records.clip_counts import (
    LostRecords,
    counted,
    counts_of,
    load_clip_counts,
    of_split,
    reconcile,
    save_clip_counts,
)
from affectflow.records.clips import ClipPart, StoredClip

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
keys = st.builds(ClipKey, st.sampled_from(["train", "eval"]), names, names)
counts = st.dictionaries(keys, st.integers(1, 10**7), max_size=6)


@given(counts)
def test_equal_counts_are_equal_and_are_read_back(tmp_path_factory, found):
    reconcile("frames", found, dict(found))
    folder = tmp_path_factory.mktemp("counts")
    save_clip_counts(folder, found)
    assert load_clip_counts(folder) == found


@given(counts, keys, st.integers(1, 5))
def test_any_difference_is_an_error_that_names_the_clip(found, key, missing):
    expected = dict(found) | {key: found.get(key, 0) + missing}
    with pytest.raises(LostRecords, match=re.escape(str(key))):
        reconcile("frames", expected, found)
    with pytest.raises(LostRecords, match=re.escape(str(key))):
        reconcile("frames", found, expected)


def test_a_clip_of_nothing_may_be_absent():
    key = ClipKey("train", "a", "b")
    reconcile("frames", {key: 0}, {})
    reconcile("frames", {}, {key: 0})


def test_many_clips_are_counted_and_some_named():
    expected = {ClipKey("eval", "made", f"{n:02d}"): 3 for n in range(9)}
    found = dict.fromkeys(list(expected)[:2], 3)
    with pytest.raises(LostRecords) as error:
        reconcile("features", expected, found)
    text = str(error.value)
    assert text.startswith("features of 7 of 9 clips are not what went in: made/02 (eval): 0 of 3;")
    assert "made/06 (eval): 0 of 3; and 2 more." in text
    assert "made/07" not in text
    assert LostRecords.retry


def test_what_would_do_is_said_once_even_of_an_error_that_a_worker_sent():
    error = pickle.loads(pickle.dumps(LostRecords("1 of 2 clips")))
    assert str(error) == (
        "1 of 2 clips; run again, and if it happens again with another --runner or"
        " --direct_num_workers=1"
    )


def test_reports_of_one_clip_add_up():
    rows = [("train", "a", "b", 3), ["train", "a", "b", 4], ("eval", "a", "b", 1)]
    assert counted(rows) == {("train", "a", "b"): 7, ("eval", "a", "b"): 1}
    assert of_split(counted(rows), "eval") == {("eval", "a", "b"): 1}


def test_a_clip_over_several_shards():
    parts = (ClipPart(0, 5, 9), ClipPart(1, 0, 2))
    clips = [StoredClip("v", "s", "c", "train", parts), StoredClip("w", "s", "c", "eval", ())]
    assert counts_of(clips) == {("train", "c", "v"): 6}


def test_artifacts_without_counts_say_what_would_do(tmp_path):
    with pytest.raises(InputError, match=r"has no clip_counts\.json.*made anew"):
        load_clip_counts(tmp_path)
