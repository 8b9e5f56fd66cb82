import math

import numpy as np
import pytest

from affectflow.gate import (
    Baseline,
    GateSettings,
    Score,
    StageScore,
    Summary,
    VideoKey,
    VideoTally,
    judge,
    summarise,
)

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
    assert summary().judged(verdict).as_json()["verdict"] == {
        "blessed": True,
        "stage": "rnn",
        "reasons": verdict.reasons,
        "failures": [],
    }
