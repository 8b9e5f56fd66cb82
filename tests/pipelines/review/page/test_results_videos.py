import re
from dataclasses import replace

import pytest

from pipelines.review.page import results_by_video, results_classes
from pipelines.review.page.results_choice import choose, constant_truth
from pipelines.review.page.results_evaluated import Evaluated
from tests.pipelines.review.page.results_cases import (
    SCRIPT,
    classifier,
    valence_arousal,
    with_emotions,
)


def by_video(detail):
    return results_by_video.body_of(Evaluated.of(detail))


def first_cells(text):
    return re.findall(r'<tr><th scope="row">(.*?)</th>', text)


def choices(detail):
    evaluated = Evaluated.of(detail)
    return [(choice.place, choice.row.name, choice.by) for choice in evaluated.chosen]


def many(detail, values):
    """The same run with so many videos, whose mean CCCs are given."""
    row = detail.summary["videos"][0]
    score = row["scores"]["rnn"]["valence"]
    videos = [
        {**row, "name": f"v{at:04d}", "scores": {"rnn": {"valence": {**score, "ccc": value}}}}
        for at, value in enumerate(values)
    ]
    return replace(detail, summary={**detail.summary, "videos": videos})


def test_worst_first(tmp_path):
    text = by_video(valence_arousal(tmp_path))
    assert first_cells(text) == ["&lt;script&gt;alert(1)&lt;/script&gt;.mp4", "b", "a"]
    assert "from -1.00" in text
    assert "Every subject has one video" in text
    assert "to 1.00 (a), median 0.00" in text


def test_a_table_of_very_many_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(results_by_video, "MOST_ROWS", 5)
    text = by_video(many(valence_arousal(tmp_path), [0.5, None, 0.1, 0.2, 0.3, 0.4, 0.6]))
    assert first_cells(text)[:5] == ["v0002", "v0003", "v0004", "v0005", "v0000"]
    assert "ends after 5 of 7 videos" in text


def test_videos_of_one_sample_have_no_bars_but_their_subjects_do(tmp_path):
    text = by_video(classifier(tmp_path))
    assert "Every video is one sample, right or wrong: 5 of 8 are right" in text
    assert text.count("<svg") == 1
    # Of CK+ each of two people has 2 images, one of them wrong in one; of JAFFE 1 wrong in both.
    assert first_cells(text)[8:] == ["ckplus: P1", "jaffe: P0", "jaffe: P1", "ckplus: P0"]
    assert first_cells(text)[:3] == ["ckplus: ckplus3", "jaffe: jaffe0", "jaffe: jaffe1"]


def test_votes_are_right_or_wrong(tmp_path):
    assert "Every video is one vote, right or wrong: 3 of 4 are right" in by_video(
        with_emotions(tmp_path)
    )


def test_the_videos_that_stand_for_all(tmp_path):
    assert choices(valence_arousal(tmp_path)) == [
        ("worst", SCRIPT, "mean CCC -1.00"),
        ("median", "b", "mean CCC 0.00"),
        ("best", "a", "mean CCC 1.00"),
    ]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([0.5], [("only", "v0000")]),
        ([0.5, 0.1], [("worst", "v0001"), ("best", "v0000")]),
        ([0.1, 0.1, 0.1, 0.1], [("worst", "v0000"), ("median", "v0001"), ("best", "v0003")]),
        ([None, 0.3, None], [("only", "v0001")]),
        ([None, None], []),
    ],
)
def test_few_equal_and_missing_scores(values, found, tmp_path):
    rows = choices(many(valence_arousal(tmp_path), values))
    assert [(place, name) for place, name, _ in rows] == found


def test_a_truth_that_does_not_move_is_ranked_by_error(tmp_path):
    evaluated = Evaluated.of(with_emotions(tmp_path))
    assert constant_truth(evaluated.summary.videos, "rnn")
    assert not constant_truth([], "rnn")
    # Joy taken for anger is far off; the others are right but for a frame on the way.
    place, name, by = choices(with_emotions(tmp_path))[0]
    assert (place, name) == ("worst", "j2")
    assert by.startswith("mean RMSE")
    assert choose([], "rnn") == []


def test_confusion_matrices_by_corpus_with_class_counts(tmp_path):
    text = results_classes.body_of(Evaluated.of(classifier(tmp_path)))
    assert text.count("<svg") == 3
    assert "ckplus: 4 samples (anger 0, fear 0, joy 4)" in text
    assert "jaffe: 4 samples (anger 0, fear 2, joy 2)" in text
    assert "Most often mistaken: joy for fear, 1 of 4." in text
    assert "Most often mistaken: joy for anger, 2 of 2." in text
    assert "Classifier, jaffe: accuracy 0.500" in text


def test_other_stages_matrices_are_folded_away(tmp_path):
    text = results_classes.body_of(Evaluated.of(with_emotions(tmp_path)))
    before, folded = text.split("<details><summary>Expression: CNN alone</summary>")
    assert "Confusion matrix: expression, CNN + RNN" in before
    assert "Confusion matrix: expression, CNN alone" in folded
    assert "PN accuracy 0.750, of 4 videos" in before


def test_samples_without_a_prediction_are_named(tmp_path):
    detail = classifier(tmp_path)
    score = detail.summary["corpora"][0]["classes"]["classifier"]["expression"]
    score["count"] = 6
    text = results_classes.body_of(Evaluated.of(detail))
    assert "2 samples without a prediction" in text


def test_a_summary_without_matrices(tmp_path):
    detail = classifier(tmp_path)
    for row in detail.summary["corpora"]:
        del row["classes"]["classifier"]["expression"]["confusion"]
    assert "no confusion matrix" in results_classes.body_of(Evaluated.of(detail))
