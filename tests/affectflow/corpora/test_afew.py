from __future__ import annotations

import logging

import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.errors import InputError

ADAPTER = get_adapter("afew")


def listed(root, **settings):
    return ADAPTER.list_clips(root, CorpusSettings(**settings))


def empty(*names):
    return dict.fromkeys(names, "")


@pytest.mark.parametrize(
    ("train", "val"),
    [
        ("Train_AFEW", "Val_AFEW"),
        ("Train", "Val"),
        ("train", "validation"),
        ("AFEW/Train_AFEW/Train_AFEW", "AFEW/Validation_AFEW"),
    ],
)
def test_set_and_emotion_are_folders(tree, train, val):
    root = tree(
        empty(
            f"{train}/Angry/000046280.avi",
            f"{train}/Disgust/000046281.avi",
            f"{train}/Fear/000046282.avi",
            f"{train}/Happy/000046283.avi",
            f"{val}/Neutral/000046280.avi",
            f"{val}/Sad/000046285.avi",
            f"{val}/Surprise/000046286.avi",
            f"{val}/Surprise/.000046287.avi",
        )
    )
    clips = listed(root)
    assert [(clip.video_id, clip.split, dict(clip.classes)["expression"]) for clip in clips] == [
        ("eval/neutral/000046280", "eval", "neutral"),
        ("eval/sadness/000046285", "eval", "sadness"),
        ("eval/surprise/000046286", "eval", "surprise"),
        ("train/anger/000046280", "train", "anger"),
        ("train/disgust/000046281", "train", "disgust"),
        ("train/fear/000046282", "train", "fear"),
        ("train/joy/000046283", "train", "joy"),
    ]
    assert all(clip.subject_id == clip.video_id for clip in clips), "nobody knows who is in it"
    assert clips[3].source == root / train / "Angry/000046280.avi"
    assert all(clip.labels is None and ADAPTER.read_labels(clip) is None for clip in clips)
    assert clips == listed(root)


def test_the_test_set_and_what_does_not_fit_are_counted(tree, caplog):
    root = tree(
        empty(
            "Train_AFEW/Angry/1.avi",
            "Val_AFEW/Angry/2.avi",
            "Test_AFEW/3.avi",
            "Test_AFEW/4.avi",
            "Train_AFEW/5.avi",
            "Angry/6.avi",
            "training notes/Angry/7.avi",
            "Train_AFEW/AlignedFaces_LBPTOP_Points/Faces/Angry/8.avi",
        )
    )
    with caplog.at_level(logging.INFO):
        assert len(listed(root)) == 2
    assert "2 videos of the test set left out (Test_AFEW/3.avi, Test_AFEW/4.avi)" in caplog.text
    assert (
        "3 do not fit afew and are left out (Angry/6.avi, Train_AFEW/5.avi, "
        "training notes/Angry/7.avi)" in caplog.text
    )


def test_a_training_set_alone_is_split_by_hash(tree, caplog):
    root = tree(empty(*(f"Train_AFEW/Happy/{i:09d}.avi" for i in range(20))))
    assert {clip.split for clip in listed(root)} == {"train", "eval"}
    assert "has no clips for evaluation" in caplog.text


def test_nothing_that_fits(tree):
    with pytest.raises(InputError) as e:
        listed(tree(empty("Angry/1.avi", "Test_AFEW/2.avi")))
    assert "looked for videos Train_AFEW/Angry/000046280.avi" in str(e.value)
    assert "found 1 videos of the test set (Test_AFEW/2.avi)" in str(e.value)
    assert "1 that do not fit (Angry/1.avi)" in str(e.value)
