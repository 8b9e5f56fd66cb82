"""Scores of classes, by hand: frames and votes, overall and in the tables."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.gate import ClassScore, GateSettings, Summary, VideoKey, VideoTally, summarise
from affectflow.gate.class_score import voted
from affectflow.metrics import ClassCounts, Confusion, bootstrap_share

FRAMES = GateSettings(
    stage="rnn", stages="rnn", measure="accuracy", tasks="expression", expressions="joy,fear",
    bootstrap=100,
)  # fmt: skip
VOTES = GateSettings(**{**FRAMES.__dict__, "vote": True})
CALM = GateSettings(**{**FRAMES.__dict__, "expressions": "calm,fear"})
CLASSIFIER = GateSettings(
    stage="classifier", stages="classifier", outputs="none", measure="accuracy", tasks="all",
    expressions="joy,fear", bootstrap=50,
)  # fmt: skip

# Corpus, subject, video, its true class, and what its frames were taken for.
VIDEOS = [
    ("ck", "s1", "v1", "joy", ["joy", "joy", "pride"]),
    ("ck", "s1", "v2", "joy", ["pride", "joy", "pride"]),
    ("ck", "s2", "v3", "fear", ["fear", "joy"]),  # a tie, and joy is first
    ("jaffe", "s1", "v1", "fear", ["fear"]),
]


def tallies(settings, videos=VIDEOS, stage="rnn"):
    made = {}
    for corpus, subject, video, truth, guesses in videos:
        n, key = len(guesses), VideoKey(corpus, subject, video)
        flat = {output: np.linspace(-0.5, 0.5, n) for output in settings.output_names}
        made[key] = VideoTally.of(
            key, range(n), flat, {(stage, output): values for output, values in flat.items()},
            {task: [truth] * n for task in settings.class_names if task == "expression"},
            {(stage, task): guesses for task in settings.class_names if task == "expression"},
            settings.countable_names,
        )  # fmt: skip
    return made


def test_of_frames():
    summary = summarise(tallies(FRAMES), FRAMES)
    score = summary.stages["rnn"].classes["expression"]
    # Of joy 3 are joy and 3 pride, of fear 2 are fear and 1 is joy.
    assert score.confusion == Confusion(("joy", "fear", "pride"), [[3, 0, 3], [1, 2, 0], [0, 0, 0]])
    assert (score.accuracy, score.count) == (5 / 9, 9)
    assert score.macro_precision == pytest.approx((3 / 4 + 1 + 0) / 3)
    assert score.macro_recall == pytest.approx((3 / 6 + 2 / 3 + 0) / 3)
    assert score.pn_accuracy == 8 / 9  # pride is positive, as joy is
    expected = bootstrap_share([2, 1, 1, 1], [3, 3, 2, 1], n=100)
    assert (score.low, score.high) == expected
    assert summary.frames == 9


def test_of_votes():
    summary = summarise(tallies(VOTES), VOTES)
    score = summary.stages["rnn"].classes["expression"]
    assert score.confusion == Confusion(("joy", "fear", "pride"), [[1, 0, 1], [1, 1, 0], [0, 0, 0]])
    assert (score.accuracy, score.count) == (2 / 4, 4)
    assert score.macro_precision == pytest.approx((1 / 2 + 1 + 0) / 3)
    assert score.macro_recall == pytest.approx((1 / 2 + 1 / 2 + 0) / 3)
    assert score.pn_accuracy == 3 / 4
    assert (score.low, score.high) == bootstrap_share([1, 0, 0, 1], [1] * 4, n=100)
    # The data are the same, and so are the co-moments of all frames.
    assert summary.digest == summarise(tallies(FRAMES), FRAMES).digest
    assert summary.stages["rnn"].outputs["valence"].count == 9


def test_tables_have_the_same_figures_of_their_own_samples():
    summary = summarise(tallies(VOTES), VOTES)

    def figures(rows):
        scores = [row.classes["rnn"]["expression"] for row in rows]
        return [(s.accuracy, s.macro_recall, s.pn_accuracy, s.count) for s in scores]

    assert figures(summary.corpora) == [(1 / 3, pytest.approx(1 / 6), 2 / 3, 3), (1, 1, 1, 1)]
    assert figures(summary.subjects) == [(1 / 2, 1 / 4, 1, 2), (0, 0, 0, 1), (1, 1, 1, 1)]
    assert [one[0] for one in figures(summary.videos)] == [1, 0, 0, 1]
    score = summary.corpora[0].classes["rnn"]["expression"]
    assert (score.low, score.high) == bootstrap_share([1, 0, 0], [1] * 3, n=100)
    assert score.confusion.total == 3
    # The file would be large with one for each video.
    assert {row.classes["rnn"]["expression"].confusion for row in summary.videos} == {None}
    assert summary.scores_on("rnn", "ck").classes["expression"] == score
    assert summary.scores_on("rnn").classes == summary.stages["rnn"].classes
    assert summary.scores_on("rnn", "fer") is None
    assert summary.scores_on("cnn") is None


@pytest.mark.parametrize("settings", [FRAMES, VOTES])
def test_a_missing_prediction_leaves_no_figure(settings):
    videos = [*VIDEOS[:3], ("jaffe", "s1", "v1", "fear", ["fear", ""])]
    summary = summarise(tallies(settings, videos), settings)
    score = summary.stages["rnn"].classes["expression"]
    assert all(math.isnan(v) for v in (score.accuracy, score.macro_recall, score.pn_accuracy))
    assert math.isnan(score.low)
    assert score.count == (4 if settings.vote else 10)
    # The corpus that is whole has its figures all the same.
    assert summary.corpora[0].classes["rnn"]["expression"].count == (3 if settings.vote else 8)
    assert math.isfinite(summary.corpora[0].classes["rnn"]["expression"].accuracy)


def test_an_expression_without_a_sign_leaves_no_pn_accuracy_alone():
    made = tallies(CALM, [("c", "s", "v", "calm", ["calm", "fear"])])
    score = summarise(made, CALM).stages["rnn"].classes["expression"]
    assert math.isnan(score.pn_accuracy)
    assert score.accuracy == 1 / 2


def test_a_classifier_has_no_ccc_and_tasks_without_samples_no_accuracy():
    made = tallies(CLASSIFIER, stage="classifier")
    summary = summarise(made, CLASSIFIER)
    stage = summary.stages["classifier"]
    assert stage.outputs == {}
    assert math.isnan(stage.ccc_mean)
    assert list(stage.classes) == ["expression", "gender", "race", "age"]
    assert stage.classes["expression"].accuracy == 5 / 9
    assert stage.classes["age"].count == 0
    assert math.isnan(stage.classes["age"].accuracy)


def test_json_reads_back_and_says_null_for_nan():
    summary = summarise(tallies(CLASSIFIER, stage="classifier"), CLASSIFIER)
    text = summary.dumps()
    values = json.loads(text)
    assert values["stages"]["classifier"]["ccc_mean"] is None
    expression = values["stages"]["classifier"]["classes"]["expression"]
    assert set(expression) == {
        "accuracy", "macro_precision", "macro_recall", "pn_accuracy", "count", "low", "high",
        "confusion",
    }  # fmt: skip
    assert expression["confusion"]["classes"] == ["joy", "fear", "pride"]
    assert values["stages"]["classifier"]["classes"]["gender"]["pn_accuracy"] is None
    assert values["corpora"][0]["classes"]["classifier"]["expression"]["confusion"]["counts"]
    assert set(values["videos"][0]["classes"]["classifier"]["expression"]) == {
        "accuracy", "macro_precision", "macro_recall", "pn_accuracy", "count",
    }  # fmt: skip
    again = Summary.from_json(values)
    assert again.dumps() == text
    assert isinstance(again.stages["classifier"].classes["expression"], ClassScore)


def test_metrics_of_releases_before_classes_can_be_read():
    settings = GateSettings(stages="rnn", bootstrap=5)
    values = summarise(tallies(settings), settings).as_json()
    for part in (values["stages"]["rnn"], *values["corpora"], *values["videos"]):
        assert part.pop("classes") == {}
    summary = Summary.from_json(values)
    assert summary.stages["rnn"].classes == summary.corpora[0].classes == {}


@given(st.lists(st.sampled_from(("joy", "fear", "pride")), min_size=1, max_size=20))
def test_a_vote_is_a_most_frequent_class(guesses):
    names = ("joy", "fear", "pride")
    one = voted(ClassCounts.of(names, ["fear"] * len(guesses), guesses))
    ((truth, chosen),) = np.argwhere(one.confusion.counts)
    assert (names[truth], one.missing) == ("fear", 0)
    most = max(map(guesses.count, names))
    assert names[chosen] == next(name for name in names if guesses.count(name) == most)


def test_nobody_has_no_vote():
    assert voted(ClassCounts.of(("joy", "fear"), [""], ["joy"])).total == 0
