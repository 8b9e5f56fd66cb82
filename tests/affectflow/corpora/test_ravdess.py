from __future__ import annotations

import logging

import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.errors import InputError

ADAPTER = get_adapter("ravdess")
EMOTIONS = ["neutral", "calm", "joy", "sadness", "anger", "fear", "disgust", "surprise"]


def listed(root, **settings):
    return ADAPTER.list_clips(root, CorpusSettings(**settings))


def empty(*names):
    return dict.fromkeys(names, "")


@pytest.mark.parametrize("above", ["", "Video_Speech_Actor_01/"])
def test_names_as_distributed(tree, above):
    root = tree(empty(*(f"{above}Actor_01/01-01-0{e}-01-02-01-01.mp4" for e in range(1, 9))))
    clips = listed(root)
    assert [(c.video_id, c.subject_id, c.classes) for c in clips] == [
        (f"01-01-0{e}-01-02-01-01", "01", (("expression", name), ("gender", "male")))
        for e, name in enumerate(EMOTIONS, 1)
    ]
    assert clips[0].source == root / above / "Actor_01/01-01-01-01-02-01-01.mp4"
    assert all(clip.labels is None and ADAPTER.read_labels(clip) is None for clip in clips)


def test_song_sound_and_pictures_that_are_there_twice_are_left_out(tree, caplog):
    root = tree(
        empty(
            "Actor_02/01-01-03-01-01-01-02.mp4",
            "Actor_02/02-01-03-01-01-01-02.mp4",
            "Actor_02/02-01-03-02-01-01-02.mp4",
            "Actor_02/03-01-03-01-01-01-02.wav",
            "Actor_02/01-02-03-01-01-01-02.mp4",
            "Actor_02/02-02-03-01-01-01-02.mp4",
            "Actor_02/01-01-09-01-01-01-02.mp4",
            "Actor_02/._01-01-03-01-01-01-02.mp4",
        )
    )
    with caplog.at_level(logging.INFO):
        clips = listed(root)
    assert [(clip.video_id, dict(clip.classes)["gender"]) for clip in clips] == [
        ("01-01-03-01-01-01-02", "female"),
        ("02-01-03-02-01-01-02", "female"),  # there is no 01-01-03-02-01-01-02
    ]
    assert "2 videos of song left out" in caplog.text
    assert "1 files of sound alone left out" in caplog.text
    assert (
        "1 videos without sound of takes that are there with sound left out "
        "(Actor_02/02-01-03-01-01-01-02.mp4)" in caplog.text
    )
    assert "1 do not fit ravdess and are left out (Actor_02/01-01-09-01-01-01-02.mp4)" in (
        caplog.text
    )


def test_actors_are_in_one_split_and_a_second_listing_is_the_same(tree):
    root = tree(empty(*(f"01-01-0{e}-01-01-01-{a:02d}.mp4" for e in (3, 4) for a in range(1, 25))))
    clips = listed(root)
    assert clips == listed(root)
    splits = {(clip.subject_id, clip.split) for clip in clips}
    assert len(splits) == 24
    assert {split for _, split in splits} == {"train", "eval"}


def test_sound_alone_is_not_enough(tree):
    with pytest.raises(InputError) as e:
        listed(tree(empty("Actor_01/03-01-03-01-01-01-01.wav", "Actor_01/clip.mp4")))
    assert "looked for videos Actor_01/01-01-03-01-01-01-01.mp4" in str(e.value)
    assert "found 1 files of sound alone (Actor_01/03-01-03-01-01-01-01.wav)" in str(e.value)
    assert "1 that do not fit (Actor_01/clip.mp4)" in str(e.value)
