from __future__ import annotations

import logging

import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.remarks import collected
from affectflow.errors import InputError

ADAPTER = get_adapter("cremad")
TABLE = """"ActorID","Age","Sex","Race","Ethnicity"
1001,51,"Male","Caucasian","Not Hispanic"
1002,21,"Female","African American","Not Hispanic"
1003,19,"Male","Asian","Not Hispanic"
1034,74,"Male","Caucasian","Not Hispanic"
1047,22,"Female","Unknown","Hispanic"
1048,,"","",""
"""


def listed(root, **settings):
    return ADAPTER.list_clips(root, CorpusSettings(**settings))


def empty(*names):
    return dict.fromkeys(names, "")


def test_names_as_distributed(tree):
    root = tree(
        empty(
            "VideoFlash/1001_DFA_ANG_XX.flv",
            "VideoFlash/1001_IEO_DIS_LO.flv",
            "VideoFlash/1001_IEO_FEA_MD.flv",
            "VideoFlash/1001_IEO_HAP_HI.flv",
            "VideoFlash/1002_TIE_NEU_XX.flv",
            "VideoFlash/1040_ITH_SAD_X.flv",
            "VideoFlash/._1001_DFA_ANG_XX.flv",
            "AudioWAV/1001_DFA_ANG_XX.wav",
        )
    )
    clips = listed(root)
    assert [(c.video_id, c.subject_id, c.classes) for c in clips] == [
        ("1001_DFA_ANG_XX", "1001", (("expression", "anger"),)),
        ("1001_IEO_DIS_LO", "1001", (("expression", "disgust"),)),
        ("1001_IEO_FEA_MD", "1001", (("expression", "fear"),)),
        ("1001_IEO_HAP_HI", "1001", (("expression", "joy"),)),
        ("1002_TIE_NEU_XX", "1002", (("expression", "neutral"),)),
        ("1040_ITH_SAD_X", "1040", (("expression", "sadness"),)),
    ]
    assert clips[0].source == root / "VideoFlash/1001_DFA_ANG_XX.flv"
    assert all(clip.labels is None and ADAPTER.read_labels(clip) is None for clip in clips)


def test_the_table_of_actors(tree):
    actors = ["1001", "1002", "1003", "1034", "1047", "1048", "1099"]
    files = empty(*(f"VideoMP4/{actor}_DFA_ANG_XX.mp4" for actor in actors))
    clips = listed(tree(files | {"VideoDemographics.csv": TABLE}))
    assert {clip.subject_id: [name for _, name in clip.classes] for clip in clips} == {
        "1001": ["anger", "male", "caucasian", "40-69"],
        "1002": ["anger", "female", "african_american", "20-39"],
        "1003": ["anger", "male", "asian", "4-19"],
        "1034": ["anger", "male", "caucasian", "70+"],
        "1047": ["anger", "female", "20-39"],
        "1048": ["anger"],
        "1099": ["anger"],
    }


def test_actors_whom_the_table_does_not_name_are_remarked(tree):
    files = empty(*(f"VideoFlash/{actor}_DFA_ANG_XX.flv" for actor in ("1001", "1098", "1099")))
    with collected() as remarks:
        listed(tree(files | {"VideoDemographics.csv": TABLE}))
    assert len(remarks) == 1
    assert "2 actors of videos that VideoDemographics.csv does not name (1098, 1099)" in remarks[0]


def test_a_table_of_other_actors_shows_both_sides(tree):
    files = empty("VideoFlash/1098_DFA_ANG_XX.flv") | {"VideoDemographics.csv": TABLE}
    with pytest.raises(InputError, match=r"names the actors 1001, 1002, 1003, …, .* show: 1098;"):
        listed(tree(files))


def test_a_table_of_something_else(tree):
    root = tree({"VideoFlash/1001_DFA_ANG_XX.flv": "", "VideoDemographics.csv": "ActorID,Years\n"})
    with pytest.raises(InputError, match=r"lacks Age, Sex, Race; it has .* ActorID, Years and"):
        listed(root)


def test_copies_and_names_that_do_not_fit_are_counted(tree, caplog):
    root = tree(
        empty(
            "VideoFlash/1001_DFA_ANG_XX.flv",
            "mp4/1001_DFA_ANG_XX.mp4",
            "mp4/1002_DFA_ANG_XX.mp4",
            "1001_DFA_CAL_XX.mp4",
            "intro.mp4",
        )
    )
    with caplog.at_level(logging.INFO):
        clips = listed(root)
    assert [clip.source.name for clip in clips] == ["1001_DFA_ANG_XX.flv", "1002_DFA_ANG_XX.mp4"]
    assert "1 copies in another format left out (mp4/1001_DFA_ANG_XX.mp4)" in caplog.text
    assert "2 do not fit cremad and are left out (1001_DFA_CAL_XX.mp4, intro.mp4)" in caplog.text


def test_actors_are_in_one_split_and_a_second_listing_is_the_same(tree):
    root = tree(empty(*(f"{a}_{s}_SAD_XX.flv" for a in range(1001, 1031) for s in ("DFA", "IEO"))))
    clips = listed(root)
    assert clips == listed(root)
    splits = {(clip.subject_id, clip.split) for clip in clips}
    assert len(splits) == 30
    assert {split for _, split in splits} == {"train", "eval"}


def test_nothing_that_fits(tree):
    with pytest.raises(InputError) as e:
        listed(tree(empty("AudioWAV/1001_DFA_ANG_XX.wav")))
    assert "looked for videos VideoFlash/1001_DFA_ANG_XX.flv" in str(e.value)
    assert "found 1 other files (AudioWAV/1001_DFA_ANG_XX.wav)" in str(e.value)
