import math
from dataclasses import replace

import numpy as np
import pytest

from affectflow.gate import (
    Baseline,
    ClassScore,
    GateSettings,
    Score,
    StageScore,
    Summary,
    VideoKey,
    VideoTally,
    judge,
    summarise,
)
from affectflow.gate.summary import Slice

SETTINGS = GateSettings(
    min_ccc_mean=0.4, min_ccc_valence=0.3, min_ccc_arousal=0.2, margin=0.02, bootstrap=20
)


def summary(valence=0.5, arousal=0.5, digest="d" * 64, stages=("cnn", "rnn")):
    """A summary in which every stage has these CCCs."""
    outputs = {
        name: Score(ccc=value, pearson=value, rmse=0.1, count=100)
        for name, value in (("valence", valence), ("arousal", arousal))
        if value is not None
    }
    mean = sum(score.ccc for score in outputs.values()) / len(outputs)
    stage = StageScore(mean, mean - 0.1, mean + 0.1, outputs)
    return Summary(digest, 100, dict.fromkeys(stages, stage), [], [], [])


# By hand, against the bounds .4 (mean), .3 (valence), .2 (arousal).
@pytest.mark.parametrize(
    ("valence", "arousal", "failing"),
    [
        (0.5, 0.5, []),
        (0.4, 0.4, []),  # bounds are inclusive
        (0.3, 0.5, []),
        (0.29, 0.6, ["valence CCC 0.2900 is below min_ccc_valence 0.3000"]),
        (0.7, 0.19, ["arousal CCC 0.1900 is below min_ccc_arousal 0.2000"]),
        (0.35, 0.35, ["mean CCC 0.3500 is below min_ccc_mean 0.4000"]),
        (0.1, 0.1, ["mean CCC", "valence CCC", "arousal CCC"]),
        (math.nan, 0.9, ["mean CCC is not a number", "valence CCC is not a number"]),
    ],
)
def test_bounds(valence, arousal, failing):
    verdict = judge(summary(valence, arousal), SETTINGS, None)
    assert verdict.blessed is (not failing)
    assert len(verdict.failures) == len(failing)
    for found, wanted in zip(verdict.failures, failing, strict=True):
        assert found.startswith("rnn ")
        assert wanted in found
    # Three bounds and the comparison: each has its line, passed or not.
    assert len(verdict.reasons) == 4
    assert "there is none yet" in verdict.reasons[-1]


# Released mean .5, margin .02: .48 is the least.
@pytest.mark.parametrize(("mean", "blessed"), [(0.6, True), (0.4801, True), (0.4799, False)])
def test_not_worse_than_the_release_by_more_than_the_margin(mean, blessed):
    baseline = Baseline(3, summary())
    verdict = judge(summary(mean, mean), SETTINGS, baseline)
    assert verdict.blessed is blessed
    assert (
        "release 3's 0.5000 (as released, on the same data) less margin 0.0200"
        in (verdict.reasons[-1])
    )
    assert f"{mean:.4f}" in verdict.reasons[-1]


def test_by_its_bounds_alone_where_nothing_is_compared():
    # .42 is far below the release's .5, and above the bounds.
    settings = replace(SETTINGS, compare="none")
    verdict = judge(summary(0.42, 0.42), settings, Baseline(3, summary()))
    assert verdict.blessed
    assert "compared with no release, as gate.compare is none" in verdict.reasons[-1]
    assert not judge(summary(0.42, 0.42), SETTINGS, Baseline(3, summary())).blessed


def test_a_rescored_release_is_said_to_be_so():
    verdict = judge(summary(), SETTINGS, Baseline(3, summary(), rescored=True))
    assert "scored anew on the same data" in verdict.reasons[-1]


@pytest.mark.parametrize("rescored", [True, False])
def test_a_release_that_was_trained_on_faces_of_other_settings_is_said_to_be_so(rescored):
    alike = judge(summary(), SETTINGS, Baseline(3, summary(), rescored))
    other = judge(summary(), SETTINGS, Baseline(3, summary(), rescored, "size 96, here 112"))
    told = "the same data; it was trained on faces of other settings: size 96, here 112) less"
    assert told in other.reasons[-1]
    assert "faces" not in alike.reasons[-1]
    assert other.blessed is alike.blessed is True


@pytest.mark.parametrize(
    ("released", "why"),
    [
        (summary(0.99, 0.99, digest="e" * 64), "it was measured on other data (eeeeeeeeeeee, here"),
        (summary(0.99, 0.99, stages=("cnn",)), "it has no stage rnn"),
        (summary(0.99, None), "it predicts valence, not arousal, valence"),
        # Labels of fewer outputs are other data too, and that says less.
        (summary(0.99, None, digest="e" * 64), "it predicts valence, not arousal, valence"),
        (summary(math.nan, 0.9), "its own is not a number"),
    ],
)
def test_what_cannot_be_compared_is_named_and_does_not_refuse(released, why):
    verdict = judge(summary(), SETTINGS, Baseline(7, released))
    assert verdict.blessed
    assert f"not compared with release 7: {why}" in verdict.reasons[-1]


def test_a_model_without_a_number_is_refused_by_the_comparison_too():
    verdict = judge(summary(math.nan, math.nan), SETTINGS, Baseline(1, summary()))
    assert len(verdict.failures) == 4


def test_one_output_has_no_bound_on_the_other():
    settings = GateSettings(outputs="valence", min_ccc_arousal=0.9, min_ccc_mean=0.1)
    assert judge(summary(0.5, None), settings, None).blessed


def predicted(shuffle):
    rng = np.random.Generator(np.random.PCG64(5))
    tallies = {}
    for i in range(6):
        key = VideoKey("c", f"s{i}", f"v{i}")
        labels = {name: rng.uniform(-1, 1, 200) for name in ("valence", "arousal")}
        learnt = {n: rng.permutation(v) if shuffle else v for n, v in labels.items()}
        predictions = {
            (stage, name): learnt[name] + rng.normal(0, 0.2, 200)
            for stage in ("cnn", "rnn")
            for name in labels
        }
        tallies[key] = VideoTally.of(key, range(200), labels, predictions)
    return summarise(tallies, SETTINGS)


def test_a_model_that_learnt_shuffled_labels_is_refused():
    assert judge(predicted(shuffle=False), SETTINGS, None).blessed
    verdict = judge(predicted(shuffle=True), SETTINGS, None)
    assert not verdict.blessed
    # 1200 frames of unrelated values: |CCC| has a deviation of about 1/sqrt(1200) = .03.
    assert abs(predicted(shuffle=True).stages["rnn"].ccc_mean) < 0.1
    assert len(verdict.failures) == 3


def test_predictions_that_hold_nan_are_refused():
    key = VideoKey("c", "s", "v")
    rng = np.random.Generator(np.random.PCG64(0))
    labels = {name: rng.uniform(-1, 1, 50) for name in ("valence", "arousal")}
    broken = labels["valence"].copy()
    broken[7] = math.nan
    predictions = {(s, o): labels[o] for s in ("cnn", "rnn") for o in labels}
    predictions[("rnn", "valence")] = broken
    measured = summarise({key: VideoTally.of(key, range(50), labels, predictions)}, SETTINGS)
    verdict = judge(measured, SETTINGS, None)
    assert not verdict.blessed
    assert "rnn valence CCC is not a number; min_ccc_valence asks for 0.3000" in verdict.failures[1]
    assert measured.stages["cnn"].ccc_mean == pytest.approx(1.0)


def test_the_verdict_goes_into_the_summary():
    verdict = judge(summary(), SETTINGS, None)
    assert replace(summary(), verdict=verdict.as_json()).as_json()["verdict"] == {
        "blessed": True,
        "stage": "rnn",
        "reasons": verdict.reasons,
        "failures": [],
    }


ACCURATE = GateSettings(
    stage="classifier", stages="classifier", outputs="none", measure="accuracy",
    tasks="expression", expressions="joy,fear", min_accuracy=0.6, margin=0.02,
)  # fmt: skip


def accurate(accuracy=0.7, digest="d" * 64, count=100, stage="classifier", on=(), task=True):
    """A summary with this accuracy of the expression, and those of corpora in ``on``."""

    def scores(value, n):
        return {"expression": ClassScore(value, 0.5, 0.5, 0.5, n)} if task else {}

    whole = StageScore(math.nan, math.nan, math.nan, {}, scores(accuracy, count))
    corpora = [
        Slice(corpus, corpus, n, {stage: {}}, {stage: scores(value, n)}) for corpus, value, n in on
    ]
    return Summary(digest, count, {stage: whole}, corpora, [], [])


@pytest.mark.parametrize(
    ("accuracy", "reason"),
    [
        (0.6, "classifier expression accuracy 0.6000 reaches min_accuracy 0.6000"),
        (0.59, "classifier expression accuracy 0.5900 is below min_accuracy 0.6000"),
        (
            math.nan,
            "classifier expression accuracy is not a number; min_accuracy asks for 0.6000"
            " (predictions are missing)",
        ),
    ],
)
def test_the_bound_on_the_accuracy(accuracy, reason):
    verdict = judge(accurate(accuracy), ACCURATE, None)
    assert verdict.reasons == [
        reason,
        "classifier expression accuracy is compared with no release: there is none yet",
    ]
    assert verdict.blessed is (accuracy == 0.6)


def test_nothing_of_these_classes_has_no_accuracy():
    verdict = judge(accurate(math.nan, count=0), ACCURATE, None)
    assert "nothing is labelled as one of joy, fear" in verdict.failures[0]


# Released .7, margin .02: .68 is the least.
@pytest.mark.parametrize(("accuracy", "blessed"), [(0.9, True), (0.6801, True), (0.6799, False)])
def test_an_accuracy_not_worse_than_the_release_s_by_more_than_the_margin(accuracy, blessed):
    verdict = judge(accurate(accuracy), ACCURATE, Baseline(3, accurate()))
    assert verdict.blessed is blessed
    said = f"{accuracy:.4f} {'reaches' if blessed else 'is below'} release 3's 0.7000"
    assert verdict.reasons[-1] == (
        f"classifier expression accuracy {said} (as released, on the same data) less margin 0.0200"
    )


@pytest.mark.parametrize(
    ("released", "why"),
    [
        (accurate(0.9, digest="e" * 64, count=7), "measured on other data (eeeeeeeeeeee, here"),
        (accurate(0.9, count=7), "it counted 7 samples of the expression, here are 100"),
        (accurate(0.9, task=False), "it has no accuracy of the expression"),
        (accurate(0.9, stage="rnn"), "it has no stage classifier"),
        (accurate(math.nan), "its own is not a number"),
    ],
)
def test_an_accuracy_that_cannot_be_compared_is_named_and_does_not_refuse(released, why):
    verdict = judge(accurate(), ACCURATE, Baseline(7, released))
    assert verdict.blessed
    assert "not compared with release 7: " in verdict.reasons[-1]
    assert why in verdict.reasons[-1]


ON_JAFFE = GateSettings(**{**ACCURATE.__dict__, "corpus": "jaffe"})


def test_one_corpus_alone_may_be_judged():
    on = [("ck", 0.9, 80), ("jaffe", 0.5, 20)]
    verdict = judge(accurate(0.82, on=on), ON_JAFFE, Baseline(2, accurate(0.1, on=on)))
    assert verdict.failures == [
        "classifier expression accuracy on jaffe 0.5000 is below min_accuracy 0.6000"
    ]
    assert "on jaffe 0.5000 reaches release 2's 0.5000" in verdict.reasons[-1]
    elsewhere = Baseline(2, accurate(0.1, on=on[:1]))
    reasons = judge(accurate(0.82, on=on), ON_JAFFE, elsewhere).reasons
    assert "release 2: it was not measured on jaffe" in reasons[-1]


def test_a_corpus_that_was_not_evaluated_is_named():
    verdict = judge(accurate(0.9, on=[("ck", 0.9, 80)]), ON_JAFFE, None)
    assert verdict.failures == [
        "classifier expression accuracy on jaffe cannot be judged: no frame of corpus 'jaffe' was"
        " evaluated, but some of 'ck'; one of these would do for gate.corpus"
    ]


def test_a_ccc_of_one_corpus_alone():
    settings = GateSettings(**{**SETTINGS.__dict__, "corpus": "a"})
    outputs = {
        name: Score(ccc=value, pearson=value, rmse=0.1, count=10)
        for name, value in (("valence", 0.25), ("arousal", 0.75))
    }
    measured = summary(0.9, 0.9)
    row = Slice("a", "a", 10, {"rnn": outputs})
    measured = Summary(measured.digest, 100, measured.stages, [row], [], [])
    verdict = judge(measured, settings, None)
    assert verdict.failures == ["rnn valence CCC on a 0.2500 is below min_ccc_valence 0.3000"]
    assert verdict.reasons[0] == "rnn mean CCC on a 0.5000 reaches min_ccc_mean 0.4000"


def test_a_classifier_and_a_model_of_the_plane_are_not_compared():
    verdict = judge(accurate(), ACCURATE, Baseline(1, summary()))
    assert "it has no stage classifier" in verdict.reasons[-1]
    verdict = judge(summary(), SETTINGS, Baseline(1, accurate()))
    assert "it has no stage rnn" in verdict.reasons[-1]
    assert verdict.blessed
