import numpy as np
import pytest

from affectflow.records.shards import shards
from pipelines.review.predictions import VideoName, read_predictions
from tests.pipelines.review.page.results_cases import RAMP, SCRIPT, valence_arousal, with_emotions

ASKED = {"stages": ("cnn", "rnn"), "outputs": ("valence", "arousal")}
A, B, LAST = (VideoName("affwild2", name) for name in ("a", "b", SCRIPT))


@pytest.fixture
def folder(tmp_path):
    valence_arousal(tmp_path)
    return tmp_path / "predictions"


def test_frames_in_order_with_truth_and_every_stage(folder):
    found = read_predictions(folder, **ASKED)
    assert (list(found.videos), found.left_out, found.problems) == ([LAST, A, B], 0, ())
    video = found.videos[LAST]
    assert video.frames.tolist() == list(range(10, 19))
    np.testing.assert_array_equal(video.truth["valence"], RAMP)
    np.testing.assert_array_equal(video.predicted["rnn"]["valence"], -RAMP)
    np.testing.assert_allclose(video.predicted["cnn"]["arousal"], 0.1 - RAMP, atol=1e-6)
    assert (video.classes, video.named) == ({}, {"cnn": {}, "rnn": {}})


def test_what_is_absent_is_nan_or_nothing(tmp_path):
    with_emotions(tmp_path)
    found = read_predictions(tmp_path / "predictions", **ASKED, tasks=("expression", "age"))
    video = found.videos["adfes", "j2"]
    assert np.isnan(video.truth["valence"]).tolist() == [True] * 2 + [False] * 4
    assert video.classes["expression"].tolist() == ["", "", "joy", "joy", "joy", "joy"]
    assert video.named["rnn"]["expression"].tolist()[2:] == ["anger"] * 4
    assert list(video.classes) == list(video.named["rnn"]) == ["expression"]


def test_only_what_is_wanted(folder):
    found = read_predictions(folder, **ASKED, wanted={B})
    assert (list(found.videos), found.left_out) == ([B], 2)


def test_no_video_is_begun_when_enough_is_held(folder):
    found = read_predictions(folder, **ASKED, most_frames=10)
    # Both of the first file: at its second video 9 frames were held.
    assert (list(found.videos), found.left_out) == ([LAST, A], 1)
    assert all(len(video.frames) == 9 for video in found.videos.values())


def test_a_damaged_file_ends_where_the_damage_is(folder):
    first, second = shards(folder, "eval")
    first.write_bytes(first.read_bytes()[:-20])
    found = read_predictions(folder, **ASKED)
    assert B in found.videos
    assert str(first) in found.problems[0]
    assert "damaged" in found.problems[0]
    second.write_bytes(b"no record at all, but longer than a header")
    assert len(read_predictions(folder, **ASKED).problems) == 2


def test_shards_that_an_earlier_version_numbered_over_all_splits(folder):
    # Of seven, the others were those of the people to train on.
    for number, path in zip((3, 6), shards(folder, "eval"), strict=True):
        path.rename(path.with_name(f"data-{number:05d}-of-00007.tfrecord"))
    found = read_predictions(folder, **ASKED)
    assert set(found.videos) == {LAST, A, B}
    assert found.problems == ()


def test_a_folder_that_is_gone(tmp_path):
    found = read_predictions(tmp_path / "no", **ASKED)
    assert found.videos == {}
    assert "files deleted" in found.problems[0]
