"""Every clip a second time, by a subject of its own who stands where the person stands."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.corpora.clip import Clip
from affectflow.corpora.mirrored import original, person_of, with_mirrored
from affectflow.errors import InputError


def clip(video_id: str, subject: str = "anna", split: str = "train", **more: str) -> Clip:
    return Clip("c", video_id, subject, split, Path("/v", "a.mp4"), **more)


names = st.text(max_size=8).filter(lambda name: not name.endswith("~mirrored"))
clips = st.lists(
    st.tuples(names, names, st.sampled_from(["train", "eval"]), st.sampled_from(["", "left"])),
    max_size=8,
    unique_by=lambda row: row[0],
).map(lambda rows: [clip(v, s, split, person=person) for v, s, split, person in rows])


@given(clips)
def test_a_copy_stands_beside_its_original_and_leads_back_to_it(listed):
    both = with_mirrored(listed)
    assert [one for one in both if not one.mirrored] == sorted(listed, key=lambda c: c.video_id)
    assert len({one.video_id for one in both}) == len(both) == 2 * len(listed)
    copies = {original(one).video_id: one for one in both if one.mirrored}
    for one in listed:
        copy = copies[one.video_id]
        assert original(copy) == one == original(one)
        assert (copy.split, copy.source, copy.person) == (one.split, one.source, one.person)
        assert copy.subject_id != one.subject_id
        assert person_of(copy.subject_id) == one.subject_id == person_of(one.subject_id)
    assert [one.video_id for one in both] == sorted(one.video_id for one in both)


@pytest.mark.parametrize(
    ("one", "part"),
    [
        (clip("a"), ""),
        (clip("a", person="left"), "left"),
        (clip("a", item="7"), "7"),
        (dataclasses.replace(clip("a"), mirrored=True), "~mirrored"),
        (dataclasses.replace(clip("a", person="left"), mirrored=True), "left~mirrored"),
        (dataclasses.replace(clip("a", item="7"), mirrored=True), "7~mirrored"),
    ],
)
def test_a_copy_is_another_part_of_the_source(one, part):
    assert one.part == part


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (clip("a~mirrored"), "video_id 'a~mirrored' of /v/a.mp4 ends in '~mirrored'"),
        (clip("a", "anna~mirrored"), "subject 'anna~mirrored' of /v/a.mp4 ends in '~mirrored'"),
    ],
)
def test_names_that_copies_would_have_are_refused(one, message):
    with pytest.raises(InputError, match=f"{message}.*mirrored=none, would do"):
        with_mirrored([one])
