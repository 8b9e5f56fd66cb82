import re
import shutil
from dataclasses import replace

import numpy as np
import pytest

from affectflow.records.shards import shards
from pipelines.review.page import results_evaluated, results_plane, results_timelines
from pipelines.review.page.results_evaluated import Evaluated
from pipelines.review.page.results_votes import emotions
from tests.pipelines.review.page.results_cases import valence_arousal, with_emotions


def timelines(detail):
    return results_timelines.body_of(Evaluated.of(detail))


def plane(detail):
    return results_plane.body_of(Evaluated.of(detail))


def headings(text, level):
    return re.findall(f"<h{level}>(.*?)</h{level}>", text)


def test_timelines_of_the_worst_the_median_and_the_best(tmp_path):
    text = timelines(valence_arousal(tmp_path))
    assert headings(text, 3) == [
        "Worst: &lt;script&gt;alert(1)&lt;/script&gt;.mp4 (mean CCC -1.00)",
        "Median: b (mean CCC 0.00)",
        "Best: a (mean CCC 1.00)",
    ]
    assert text.count("<svg") == 3
    assert "valence: CCC CNN alone 0.98, CNN + RNN -1.00" in text
    assert "9 values from 10 to 18 frame" in text


def test_predictions_that_are_gone(tmp_path):
    detail = valence_arousal(tmp_path)
    shutil.rmtree(tmp_path / "predictions")
    assert "files deleted" in timelines(detail)
    assert "<svg" not in timelines(detail) + plane(detail)
    assert "no predictions to be drawn" in plane(detail)
    (predictor, evaluator) = detail.nodes
    gone = replace(predictor, outputs=(replace(predictor.outputs[0], exists=False),))
    assert "is gone" in timelines(replace(detail, nodes=(gone, evaluator)))
    assert "names no predictions" in timelines(replace(detail, nodes=(evaluator,)))


def test_predictions_that_are_damaged(tmp_path):
    detail = valence_arousal(tmp_path)
    path = shards(tmp_path / "predictions", "eval")[0]
    path.write_bytes(path.read_bytes()[:-9])
    text = timelines(detail)
    assert text.count("<svg") == 1
    assert "is damaged" in text
    assert "Its predictions are not there" in text


def test_of_very_many_frames_a_part_is_read_with_the_chosen_ones(tmp_path, monkeypatch):
    detail = with_emotions(tmp_path)
    monkeypatch.setattr(results_evaluated, "MOST_FRAMES", 1)
    evaluated = Evaluated.of(detail)
    chosen = {choice.row.name for choice in evaluated.chosen}
    assert chosen <= {name.video_id for name in evaluated.predictions.videos}
    assert evaluated.predictions.left_out >= 0
    assert len(evaluated.predictions.videos) + evaluated.predictions.left_out == 4
    assert results_timelines.body_of(evaluated).count("<svg") == 3


def test_the_vote_of_each_video(tmp_path):
    found = {
        one.video.name.video_id: one for one in emotions(Evaluated.of(with_emotions(tmp_path)))
    }
    assert {name: (one.true, one.predicted) for name, one in found.items()} == {
        "a1": ("anger", "anger"), "j1": ("joy", "joy"), "j2": ("joy", "anger"),
        "s1": ("sadness", "sadness"),
    }  # fmt: skip
    assert found["j1"].counted.tolist() == [False] * 2 + [True] * 4
    assert found["j1"].right.tolist() == [False] * 2 + [True] * 4
    assert not found["j2"].right.any()


def test_without_votes_every_frame_is_right_or_wrong(tmp_path):
    detail = with_emotions(tmp_path)
    detail = replace(detail, settings={**detail.settings, "gate.vote": 0})
    found = {one.video.name.video_id: one for one in emotions(Evaluated.of(detail))}
    said = found["j1"].video.named["rnn"]["expression"]
    np.testing.assert_array_equal(found["j1"].right[2:], said[2:] == "joy")


def test_classes_that_are_not_measured_have_no_emotion(tmp_path):
    detail = with_emotions(tmp_path)
    detail = replace(detail, settings={**detail.settings, "gate.expressions": "anger,sadness"})
    assert {one.true for one in emotions(Evaluated.of(detail))} == {"anger", "sadness"}


def test_the_plane_of_emotions(tmp_path):
    text = plane(with_emotions(tmp_path))
    assert headings(text, 3) == [
        "Right and wrong", "One video of each emotion", "All videos of an emotion",
    ]  # fmt: skip
    assert headings(text, 4) == [
        "Joy, named joy: j1", "Anger, named anger: a1", "Sadness, named sadness: s1",
    ]  # fmt: skip
    # Joy: 4 frames of a video that is right and 4 of one that is not.
    assert "Right of 16 samples: joy 4 of 8, anger 4 of 4, sadness 4 of 4." in text
    unfolded, folded = text.split("<details>")
    assert [name in unfolded for name in ("all videos of joy", "all videos of anger")] == [True] * 2
    assert "all videos of sadness" in folded
    assert text.count("<svg") == 1 + 3 + 3


def test_at_most_so_many_emotions_have_a_path(tmp_path, monkeypatch):
    monkeypatch.setattr(results_plane, "MOST_PATHS", 2)
    text = plane(with_emotions(tmp_path))
    assert len(headings(text, 4)) == 2
    assert "Not shown: sadness." in text


def test_without_emotions_the_median_video_has_its_path(tmp_path):
    text = plane(valence_arousal(tmp_path))
    assert headings(text, 3) == ["Median video: b (mean CCC 0.00)"]
    assert text.count("<svg") == 1


@pytest.mark.parametrize("output", ["valence", "arousal"])
def test_of_one_output_there_is_no_plane(output, tmp_path):
    detail = valence_arousal(tmp_path)
    for stage in detail.summary["stages"].values():
        stage["outputs"] = {output: stage["outputs"][output]}
    assert f"Only {output} is predicted" in plane(detail)
    assert timelines(detail).count("<svg") == 3
