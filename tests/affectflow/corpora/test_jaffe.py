from __future__ import annotations

import logging

import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.errors import InputError

ADAPTER = get_adapter("jaffe")


def listed(root, **settings):
    return ADAPTER.list_clips(root, CorpusSettings(**settings))


def test_names_as_distributed(tree):
    root = tree(
        {
            "jaffe/KA.AN1.39.tiff": "",
            "jaffe/KA.DI1.42.tiff": "",
            "jaffe/KL.FE3.176.tiff": "",
            "jaffe/KM.HA4.7.tiff": "",
            "jaffe/MK.NE1.113.tiff": "",
            "jaffe/UY.SA2.147.tiff": "",
            "jaffe/YM.SU3.60.tiff": "",
            "jaffe/README_FIRST.txt": "",
            "jaffe/.DS_Store": "",
            "jaffe/._KA.AN1.39.tiff": "",
        }
    )
    clips = listed(root)
    assert [(c.video_id, c.subject_id, dict(c.classes)["expression"]) for c in clips] == [
        ("KA.AN1.39", "KA", "anger"),
        ("KA.DI1.42", "KA", "disgust"),
        ("KL.FE3.176", "KL", "fear"),
        ("KM.HA4.7", "KM", "joy"),
        ("MK.NE1.113", "MK", "neutral"),
        ("UY.SA2.147", "UY", "sadness"),
        ("YM.SU3.60", "YM", "surprise"),
    ]
    assert clips[0].source == root / "jaffe/KA.AN1.39.tiff"
    assert all(clip.labels is None and ADAPTER.read_labels(clip) is None for clip in clips)


def test_other_endings_and_cases_and_the_tiff_where_there_are_both(tree, caplog):
    root = tree(
        {
            "KA.AN1.39.TIF": "",
            "png/KA.AN1.39.png": "",
            "a/b/KL.HA1.158.jpg": "",
            "km.ne1.1.tiff": "",
        }
    )
    with caplog.at_level(logging.INFO):
        clips = listed(root)
    assert [(clip.source.name, clip.subject_id) for clip in clips] == [
        ("KA.AN1.39.TIF", "KA"),
        ("KL.HA1.158.jpg", "KL"),
        ("km.ne1.1.tiff", "KM"),
    ]
    assert "1 copies in another format left out (png/KA.AN1.39.png)" in caplog.text


def test_names_that_do_not_fit_are_counted(tree, caplog):
    names = ["KA.AN1.39.tiff", "KA.XX1.40.tiff", "KA.AN.41.tiff", "KA.AN1.39.tiff.bmp", "a.png"]
    assert len(listed(tree(dict.fromkeys(names, "")))) == 1
    assert "4 do not fit jaffe" in caplog.text


def test_nothing_that_fits(tree):
    with pytest.raises(InputError) as e:
        listed(tree({"anger/S010_004_00000017.png": ""}))
    assert "holds no clip of jaffe: looked for images KA.AN1.39.tiff" in str(e.value)
    assert "found 1 that do not fit (anger/S010_004_00000017.png)" in str(e.value)


def test_subjects_are_in_one_split_and_a_second_listing_is_the_same(tree):
    people = ["KA", "KL", "KM", "KR", "MK", "NA", "NM", "TM", "UY", "YM"]
    root = tree(
        {f"{who}.{e}1.{i}.tiff": "" for i, who in enumerate(people) for e in ("AN", "HA", "SU")}
    )
    clips = listed(root)
    assert clips == listed(root)
    splits = {(clip.subject_id, clip.split) for clip in clips}
    assert len(splits) == 10
    assert {split for _, split in splits} == {"train", "eval"}
