from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from affectflow.corpora.adapter import (
    CorpusSettings,
    adapter_names,
    check_subjects,
    get_adapter,
)
from affectflow.corpora.clip import Clip
from affectflow.errors import InputError


def clip(video_id: str, subject: str, split: str) -> Clip:
    return Clip("folder", video_id, subject, split, Path("/v", video_id + ".mp4"))


def test_adapters_are_found_by_name():
    names = ("adfes", "afew", "affwild2", "ckplus", "ckplus48", "ckplus48_jaffe", "ckplus_jaffe",
             "cremad", "cremad_ravdess", "fer2013", "folder", "jaffe", "rafdb",
             "ravdess")  # fmt: skip
    assert adapter_names() == names
    assert [get_adapter(name).name for name in names] == list(names)


@pytest.mark.parametrize("name", ["ck+", "labels", "../clip", ""])
def test_an_unknown_corpus_lists_the_known_ones(name):
    with pytest.raises(InputError, match=r"must be one of adfes, afew, affwild2, ckplus"):
        get_adapter(name)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("eval_fraction", 0.0),
        ("eval_fraction", 1.0),
        ("eval_fraction", float("nan")),
        ("label_slack", -1),
        ("label_max_gap_s", 0.0),
        ("label_max_gap_s", float("nan")),
        ("label_max_gap_s", float("inf")),
        ("last_frames", -1),
    ],
)
def test_settings_name_the_field_and_the_value(field, value):
    with pytest.raises(InputError, match=f"{field} is {value}; a .*number from .* would do"):
        CorpusSettings(**{field: value})


@pytest.mark.parametrize("path", ["/etc/passwd", "../passwd", "labels/../../passwd"])
def test_annotations_lie_within_the_corpus(path):
    with pytest.raises(InputError, match=f"annotations is '{path}'; it must be a path within"):
        CorpusSettings(annotations=path)


@pytest.mark.parametrize(
    ("field", "choices"),
    [
        ("mirrored", "none or copies"),
        ("split_by", "subject or image"),
        ("points", "none or emotions"),
    ],
)
def test_settings_name_what_there_is_to_choose_from(field, choices):
    with pytest.raises(InputError, match=f"{field} is 'yes'; {choices} would do"):
        CorpusSettings(**{field: "yes"})


def test_settings_can_become_execution_properties():
    types = {type(getattr(CorpusSettings(), f.name)) for f in dataclasses.fields(CorpusSettings)}
    assert types <= {int, float, str}


def test_a_subject_in_two_splits_is_named_with_its_clips():
    with pytest.raises(InputError, match=r"'anna' .* 'a' in train and 'c' in eval"):
        check_subjects(
            [clip("a", "anna", "train"), clip("b", "b", "eval"), clip("c", "anna", "eval")]
        )


def test_an_id_that_stands_for_two_clips_is_named():
    with pytest.raises(InputError, match=r"video_id 'a' stands for two clips, /v/a.mp4"):
        check_subjects([clip("a", "anna", "train"), clip("a", "ben", "train")])


def test_sound_clips_pass():
    check_subjects([clip("a", "anna", "train"), clip("b", "anna", "train"), clip("c", "c", "eval")])
