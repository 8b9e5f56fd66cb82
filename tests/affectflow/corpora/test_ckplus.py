from __future__ import annotations

import logging

import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.errors import InputError

ADAPTER = get_adapter("ckplus")


def listed(root, **settings):
    return ADAPTER.list_clips(root, CorpusSettings(**settings))


def sequence(subject, number, frames, emotion="", folder="cohn-kanade-images", emotions="Emotion"):
    """The files of a sequence, with its emotion if it has one."""
    name = f"{subject}_{number}"
    files = {f"{folder}/{subject}/{number}/{name}_{i:08d}.png": "" for i in range(1, frames + 1)}
    if emotion:
        files[f"{emotions}/{subject}/{number}/{name}_{frames:08d}_emotion.txt"] = emotion
    return files


@pytest.mark.parametrize(
    ("folder", "emotions"),
    [
        ("cohn-kanade-images", "Emotion"),
        ("extended-cohn-kanade-images/cohn-kanade-images", "Emotion_labels/Emotion"),
        ("ck/x", "y"),
    ],
)
def test_first_frame_neutral_and_last_three_the_emotion(tree, folder, emotions):
    root = tree(
        sequence("S005", "001", 11, "   3.0000000e+00\n", folder, emotions)
        | {
            "Landmarks/S005/001/S005_001_00000001_landmarks.txt": "",
            "FACS/S005/001/S005_001_00000011_facs.txt": "",
        }
    )
    clips = listed(root)
    assert [(clip.video_id, clip.classes) for clip in clips] == [
        ("S005_001_00000001", (("expression", "neutral"),)),
        ("S005_001_00000009", (("expression", "disgust"),)),
        ("S005_001_00000010", (("expression", "disgust"),)),
        ("S005_001_00000011", (("expression", "disgust"),)),
    ]
    assert clips[0].source == root / folder / "S005/001/S005_001_00000001.png"
    assert {clip.subject_id for clip in clips} == {"S005"}
    assert {clip.corpus for clip in clips} == {"ckplus"}
    assert all(clip.labels is None and ADAPTER.read_labels(clip) is None for clip in clips)


@pytest.mark.parametrize(
    ("number", "emotion"),
    [
        ("0", "neutral"),
        ("1", "anger"),
        ("2", "contempt"),
        ("3", "disgust"),
        ("4", "fear"),
        ("5", "joy"),
        ("6", "sadness"),
        ("7", "surprise"),
    ],
)
def test_numbers_of_emotions(tree, number, emotion):
    clips = listed(tree(sequence("S010", "002", 5, f"   {number}.0000000e+00\n")))
    assert [dict(clip.classes)["expression"] for clip in clips] == ["neutral"] + [emotion] * 3


@pytest.mark.parametrize(
    ("frames", "expressions"),
    [
        (2, ["neutral", "joy"]),
        (3, ["neutral", "joy", "joy"]),
        (4, ["neutral", "joy", "joy", "joy"]),
    ],
)
def test_short_sequences(tree, frames, expressions):
    clips = listed(tree(sequence("S010", "002", frames, "5")))
    assert [dict(clip.classes)["expression"] for clip in clips] == expressions


def test_what_is_passed_over_is_counted(tree, caplog):
    root = tree(
        sequence("S005", "001", 5, "1")
        | sequence("S005", "002", 9)
        | sequence("S006", "001", 9)
        | sequence("S007", "001", 1, "1")
        | {
            "Emotion/S008/001/S008_001_00000011_emotion.txt": "1",
            "cohn-kanade-images/S005/001/.DS_Store": "",
            "cohn-kanade-images/S005/001/._S005_001_00000001.png": "",
            "cohn-kanade-images/montage.png": "",
        }
    )
    with caplog.at_level(logging.INFO):
        assert len(listed(root)) == 4
    assert "2 sequences without an emotion left out (S005_002, S006_001)" in caplog.text
    assert "1 sequences of a single image left out (S007_001)" in caplog.text
    assert "1 sequences with an emotion but no images left out (S008_001)" in caplog.text
    assert "1 do not fit ckplus and are left out (cohn-kanade-images/montage.png)" in caplog.text


def test_subjects_are_in_one_split_and_a_second_listing_is_the_same(tree):
    files = {}
    for subject in range(30):
        for number in ("001", "002"):
            files |= sequence(f"S{subject:03d}", number, 4, "5")
    root = tree(files)
    clips = listed(root)
    assert clips == listed(root)
    splits = {(clip.subject_id, clip.split) for clip in clips}
    assert len(splits) == 30
    assert {split for _, split in splits} == {"train", "eval"}
    assert clips != listed(root, seed=1)


def test_images_without_emotions_say_where_those_are_looked_for(tree):
    with pytest.raises(InputError) as e:
        listed(tree(sequence("S005", "001", 5)))
    assert "looked for images cohn-kanade-images/S005/001/S005_001_00000001.png" in str(e.value)
    assert "emotions Emotion/S005/001/S005_001_00000011_emotion.txt" in str(e.value)
    assert "found 1 sequences without an emotion (S005_001)" in str(e.value)


def test_ck48_is_not_ckplus(tree):
    with pytest.raises(InputError, match=r"found 1 that do not fit \(anger/face.png\)"):
        listed(tree({"anger/face.png": ""}))


@pytest.mark.parametrize("text", ["", "8.0", "2.5", "happy", "nan", "-1"])
def test_an_emotion_that_is_none(tree, text):
    root = tree(sequence("S005", "001", 5, "x"))
    (path,) = root.rglob("*_emotion.txt")
    path.write_text(text)
    with pytest.raises(InputError, match=rf"{path} holds '{text}'; one number from 0 to 7"):
        listed(root)


def test_copies_must_agree(tree):
    root = tree(sequence("S005", "001", 5, "1") | sequence("S005", "001", 5, "1", emotions="E2"))
    assert len(listed(root)) == 4
    (root / "E2/S005/001/S005_001_00000005_emotion.txt").write_text("2")
    with pytest.raises(InputError, match=r"S005_001 is 2 in .*/E2/.* and 1 in .*/Emotion/"):
        listed(root)


def test_an_image_that_is_there_twice(tree):
    root = tree(sequence("S005", "001", 5, "1") | sequence("S005", "001", 5, folder="again"))
    with pytest.raises(InputError, match=r"image S005_001_00000001 is there twice, .*/again/"):
        listed(root)
