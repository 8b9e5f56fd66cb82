from __future__ import annotations

import math

import pytest

from affectflow.errors import InputError
from affectflow.predict.csv_file import csv_file
from affectflow.predict.rows import FramePrediction, PersonPrediction

HEAD = "frame,second,person,x,y,w,h,score,valence,arousal,emotion,shot\n"
SEEN = FramePrediction(
    7, 0.28, (200, 100), (PersonPrediction(2, (0.25, 0.5, 0.1, 0.2), 0.91234, 0.9, 0.1),)
)
NOBODY = FramePrediction(8, math.nan, (200, 100), ())


def test_a_row_a_face_and_one_where_there_is_none(tmp_path):
    target = tmp_path / "clip.csv"
    with csv_file(target) as write:
        write(SEEN)
        write(NOBODY)
        assert not target.exists()
    # 0.25 of 200 pixels is 50, 0.5 of 100 is 50; joy is the nearest to (.9, .1).
    rows = "7,0.28,2,50.0,50.0,20.0,20.0,0.9123,0.9,0.1,joy,0\n8,,,,,,,,,,,0\n"
    assert target.read_text() == HEAD + rows
    assert [path.name for path in tmp_path.iterdir()] == ["clip.csv"]


def test_what_is_filled_has_no_place_and_perhaps_no_person():
    filled = FramePrediction(1, 0.5, (10, 10), (PersonPrediction(None, None, math.nan, 0.0, 0.0),))
    assert list(filled.rows()) == [(1, 0.5, None, *[None] * 5, 0.0, 0.0, "neutral", 0)]


def test_a_label_that_is_not_predicted_is_empty_and_so_is_the_emotion():
    one = FramePrediction(
        1, 0.5, (10, 10), (PersonPrediction(1, (0, 0, 1, 1), 1.0, math.nan, 0.25),)
    )
    assert list(one.rows()) == [(1, 0.5, 1, 0.0, 0.0, 10.0, 10.0, 1.0, None, 0.25, None, 0)]


def test_predictions_from_before_there_were_shots_are_replaced(tmp_path):
    target = tmp_path / "clip.csv"
    target.write_text(HEAD.replace(",shot", "") + "0,0.0,,,,,,,,,\n")
    with csv_file(target) as write:
        write(NOBODY)
    assert target.read_text() == HEAD + "8,,,,,,,,,,,0\n"


def test_an_error_leaves_nothing_and_keeps_what_was_there(tmp_path):
    target = tmp_path / "clip.csv"
    with csv_file(target) as write:
        write(SEEN)
    before = target.read_bytes()

    def half() -> None:
        with csv_file(target) as write:
            write(NOBODY)
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        half()
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["clip.csv"]
    with csv_file(target) as write:
        write(NOBODY)
    assert target.read_text() == HEAD + "8,,,,,,,,,,,0\n"


def test_a_corpus_s_labels_are_not_written_over(tmp_path):
    target = tmp_path / "labels.csv"
    target.write_text("video,frame,valence,arousal\n")
    with pytest.raises(InputError, match=r"labels\.csv exists and holds no predictions"):
        csv_file(target).__enter__()
    assert target.read_text() == "video,frame,valence,arousal\n"
