from __future__ import annotations

import logging

import numpy as np
import pytest

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.pixel_table import open_table
from affectflow.errors import InputError

ADAPTER = get_adapter("fer2013")
HEADER = "emotion,pixels,Usage"
EMOTIONS = ["anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral"]


def listed(root, **settings):
    return ADAPTER.list_clips(root, CorpusSettings(**settings))


@pytest.mark.parametrize("above", ["", "fer2013/"])
def test_a_clip_a_row(tree, above):
    usages = ["Training"] * 5 + ["PublicTest", "PrivateTest"]
    rows = [f"{number},{number} 0 0 0,{usage}" for number, usage in enumerate(usages)]
    root = tree({f"{above}fer2013.csv": "\n".join([HEADER, *rows])})
    clips = listed(root)
    assert [(clip.video_id, clip.item, clip.split, clip.classes) for clip in clips] == [
        (
            f"0000{number}",
            str(number),
            "train" if number < 5 else "eval",
            (("expression", EMOTIONS[number]),),
        )
        for number in range(7)
    ]
    assert {clip.source for clip in clips} == {root / above / "fer2013.csv"}
    assert all(clip.subject_id == clip.video_id for clip in clips), "nobody knows who is in it"
    assert all(clip.labels is None and ADAPTER.read_labels(clip) is None for clip in clips)
    assert clips == listed(root)
    image = open_table(clips[6].source).image(int(clips[6].item))
    np.testing.assert_array_equal(image[:, :, 0], [[6, 0], [0, 0]])


def test_pixels_are_not_looked_at_and_columns_may_stand_in_any_order(tree):
    text = "emotion, Usage, pixels\n3, Training, not pixels\n6, PublicTest, 1 2\n"
    clips = listed(tree({"icml_face_data.csv": text}))
    assert [(clip.split, dict(clip.classes)["expression"]) for clip in clips] == [
        ("train", "joy"),
        ("eval", "neutral"),
    ]


def test_rows_that_do_not_fit_are_counted_and_the_others_keep_their_numbers(tree, caplog):
    rows = ["7,0,Training", "0,0,Training", "x,0,Training", "0,0", "1,0,Test", "2,0,PublicTest"]
    with caplog.at_level(logging.INFO):
        clips = listed(tree({"fer2013.csv": "\n".join([HEADER, *rows])}))
    assert [clip.item for clip in clips] == ["1", "5"]
    assert "4 do not fit fer2013 and are left out" in caplog.text
    for found in (
        "line 2, row 0: emotion '7', Usage 'Training'", "line 4, row 2: emotion 'x', Usage 'Train",
        "line 5, row 3: 2 values for 3 columns",
    ):  # fmt: skip
        assert f"fer2013.csv, {found}" in caplog.text


def test_a_nul_is_of_its_row_alone(tree, caplog):
    rows = ["0,0,Training", "1,3 \0,Training", "\0,0,Training", "2,0,PublicTest"]
    clips = listed(tree({"fer2013.csv": "\n".join([HEADER, *rows])}))
    # What a row is of can be told in spite of pixels that cannot be read: its clip is rejected.
    assert [clip.item for clip in clips] == ["0", "1", "3"]
    assert "fer2013.csv, line 4, row 2: emotion '\ufffd', Usage 'Training'" in caplog.text


def test_several_tables_need_the_setting(tree):
    text = f"{HEADER}\n0,0,Training\n1,0,PublicTest\n"
    root = tree({"a/fer2013.csv": text, "b/fer2013.csv": text})
    with pytest.raises(InputError, match=r"a/fer2013.csv, b/fer2013.csv; set annotations"):
        listed(root)
    assert listed(root, annotations="b/fer2013.csv")[0].source == root / "b/fer2013.csv"


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ({"train.csv": ""}, r"looked for fer2013.csv with the columns.*1 other files \(train.csv"),
        ({"fer2013.csv": ""}, r"has no column 'pixels' but .*; looked for fer2013.csv"),
        ({"fer2013.csv": "emotion,pixels\n0,0\n"}, "has no column Usage but emotion, pixels"),
        ({"fer2013.csv": "id,pixels\n0,0\n"}, "has no column emotion nor Usage but id, pixels"),
        ({"fer2013.csv": f"{HEADER}\n"}, "holds no clip of fer2013"),
        (
            {"fer2013.csv": f"{HEADER}\n9,0,Training\n"},
            r"1 that do not fit \(.*, row 0: emotion '9'",
        ),
    ],
)
def test_tables_that_cannot_be_used(tree, files, wrong):
    with pytest.raises(InputError, match=wrong):
        listed(tree(files))
