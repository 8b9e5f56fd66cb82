from __future__ import annotations

import logging

import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.errors import InputError

ADAPTER = get_adapter("adfes")


def listed(root, **settings):
    return ADAPTER.list_clips(root, CorpusSettings(**settings))


def empty(*names):
    return dict.fromkeys(names, "")


def labels(clips):
    return {clip.video_id: (clip.subject_id, *dict(clip.classes).values()) for clip in clips}


def test_names_as_distributed(tree):
    root = tree(
        empty(
            "F01-Anger-Face Forward.mpeg",
            "F01-Contempt-Face Forward.mpeg",
            "F02-Disgust-Face Forward.mpeg",
            "F02-Embarrass-Face Forward.mpeg",
            "F06-Fear-Face Forward.mpeg",
            "M07-Joy-Face Forward.mpeg",
            "M11-Neutral-Face Forward.mpeg",
            "M11-Pride-Face Forward.mpeg",
            "M12-Sadness-Face Forward.mpeg",
            "M12-Surprise-Face Forward.mpeg",
            "Stills/F01-Anger-Apex.jpg",
            "._F01-Anger-Face Forward.mpeg",
        )
    )
    clips = listed(root)
    assert labels(clips) == {
        "F01-Anger-Face Forward": ("F01", "anger", "female"),
        "F01-Contempt-Face Forward": ("F01", "contempt", "female"),
        "F02-Disgust-Face Forward": ("F02", "disgust", "female"),
        "F02-Embarrass-Face Forward": ("F02", "embarrassment", "female"),
        "F06-Fear-Face Forward": ("F06", "fear", "female"),
        "M07-Joy-Face Forward": ("M07", "joy", "male"),
        "M11-Neutral-Face Forward": ("M11", "neutral", "male"),
        "M11-Pride-Face Forward": ("M11", "pride", "male"),
        "M12-Sadness-Face Forward": ("M12", "sadness", "male"),
        "M12-Surprise-Face Forward": ("M12", "surprise", "male"),
    }
    assert clips[0].source == root / "F01-Anger-Face Forward.mpeg"
    assert [task for task, _ in clips[0].classes] == ["expression", "gender"]
    assert all(clip.labels is None and ADAPTER.read_labels(clip) is None for clip in clips)


def test_names_of_bath(tree):
    root = tree(
        empty(
            "F01-Anger-high.mp4",
            "F01-Anger-med.mp4",
            "F01-Anger-low.mp4",
            "M08-Neutral-3.mp4",
            "practice/F06-Embarrass.mp4",
        )
    )
    assert labels(listed(root)) == {
        "F01-Anger-high": ("F01", "anger", "female"),
        "F01-Anger-low": ("F01", "anger", "female"),
        "F01-Anger-med": ("F01", "anger", "female"),
        "F06-Embarrass": ("F06", "embarrassment", "female"),
        "M08-Neutral-3": ("M08", "neutral", "male"),
    }


@pytest.mark.parametrize(
    "name",
    [
        "M02_Happy_FaceForward.mp4",
        "m02 joy face forward.MPG",
        "M02-Happiness-Face_Forward.avi",
        "North-European/M02-Joy-Face Forward.mpeg",
        "NE-M02-Joy-Face Forward.mpeg",
        "M02-Joy-Face Forward-NE.mpeg",
        "Mediterranean M02 Joy.mp4",
        "happy/M02-Joy-Face Forward-53.mp4",
    ],
)
def test_separators_spellings_and_groups(tree, name):
    (found,) = labels(listed(tree(empty(name)))).values()
    assert found == ("M02", "joy", "male")


def test_turning_videos_and_others_are_counted(tree, caplog):
    root = tree(
        empty(
            "F01-Joy-Face Forward.mpeg",
            "F01-Joy-Turn Away.mpeg",
            "F01-Joy-Turn_Toward.mpeg",
            "Turn Towards/F01-Anger.mpeg",
            "F06-MouthOpening-Face Forward.mpg",
            "F01-Joy-Face Forward.shuffled.mpg",
            "intro.mp4",
        )
    )
    with caplog.at_level(logging.INFO):
        assert list(labels(listed(root))) == ["F01-Joy-Face Forward"]
    assert "3 videos that turn toward or away left out" in caplog.text
    assert "3 do not fit adfes" in caplog.text


def test_the_mpeg_is_taken_where_there_are_copies(tree):
    root = tree(empty("a/F01-Joy-Face Forward.mp4", "F01-Joy-Face Forward.mpeg"))
    assert [clip.source.name for clip in listed(root)] == ["F01-Joy-Face Forward.mpeg"]


def test_groups_enter_the_subject_only_if_both_have_the_model(tree):
    root = tree(
        empty(
            "North-European/F01-Joy-Face Forward.mpeg",
            "Mediterranean/F01-Fear-Face Forward.mpeg",
            "North-European/F02-Joy-Face Forward.mpeg",
            "F01-Anger-Face Forward.mpeg",
        )
    )
    clips = listed(root)
    assert {clip.video_id: clip.subject_id for clip in clips} == {
        "F01-Anger-Face Forward": "F01",
        "F01-Fear-Face Forward": "mediterranean/F01",
        "F01-Joy-Face Forward": "north_european/F01",
        "F02-Joy-Face Forward": "F02",
    }
    assert len({clip.split for clip in clips if "F01" in clip.subject_id}) == 1


def test_models_are_in_one_split_and_a_second_listing_is_the_same(tree):
    models = [f"F{i:02d}" for i in range(1, 11)] + [f"M{i:02d}" for i in range(1, 13)]
    root = tree(empty(*(f"{m}-{e}-Face Forward.mpeg" for m in models for e in ("Joy", "Fear"))))
    clips = listed(root)
    assert clips == listed(root)
    splits = {(clip.subject_id, clip.split) for clip in clips}
    assert len(splits) == 22
    assert {split for _, split in splits} == {"train", "eval"}


def test_nothing_that_fits(tree):
    with pytest.raises(InputError) as e:
        listed(tree(empty("Actor_01/01-01-03-01-01-01-01.mp4", "F01-Joy-Turn Away.mpeg")))
    assert "looked for videos F01-Anger-Face Forward.mpeg" in str(e.value)
    assert "found 1 videos that turn toward or away (F01-Joy-Turn Away.mpeg)" in str(e.value)
    assert "1 that do not fit (Actor_01/01-01-03-01-01-01-01.mp4)" in str(e.value)
