import json
import math

import numpy as np
import pytest

from affectflow.errors import InputError
from affectflow.gate import GateSettings, Summary, VideoKey, VideoTally, summarise
from affectflow.metrics import bootstrap_over_videos, ccc, pearson, rmse

SETTINGS = GateSettings(bootstrap=200)


def videos(seed=0, corpora=("a", "b"), frames=50, noise=0.3):
    """Three videos of two subjects in each corpus, the same names in both; and the raw arrays."""
    rng = np.random.Generator(np.random.PCG64(seed))
    tallies, raw = {}, {}
    for corpus in corpora:
        for subject, video in (("s1", "v1"), ("s1", "v2"), ("s2", "v3")):
            key = VideoKey(corpus, subject, video)
            labels = {name: rng.uniform(-1, 1, frames) for name in ("valence", "arousal")}
            predictions = {
                (stage, name): labels[name] * 0.8 + rng.normal(0, noise, frames)
                for stage in ("cnn", "rnn")
                for name in labels
            }
            tallies[key] = VideoTally.of(key, range(frames), labels, predictions)
            raw[key] = (labels, predictions)
    return tallies, raw


def pooled(raw, stage, output, keep=lambda key: True):
    chosen = [values for key, values in raw.items() if keep(key)]
    labels = np.concatenate([labels[output] for labels, _ in chosen])
    return labels, np.concatenate([predictions[(stage, output)] for _, predictions in chosen])


def test_overall_scores_pool_every_frame():
    tallies, raw = videos()
    summary = summarise(tallies, SETTINGS)
    assert summary.frames == 300
    for stage in ("cnn", "rnn"):
        for output in ("valence", "arousal"):
            x, y = pooled(raw, stage, output)
            score = summary.stages[stage].outputs[output]
            assert score.ccc == pytest.approx(ccc(x, y), abs=1e-12)
            assert score.pearson == pytest.approx(pearson(x, y), abs=1e-12)
            assert score.rmse == pytest.approx(rmse(x, y), abs=1e-12)
            assert score.count == 300
            assert score.ccc_low <= score.ccc <= score.ccc_high
        both = [score.ccc for score in summary.stages[stage].outputs.values()]
        assert summary.stages[stage].ccc_mean == pytest.approx(sum(both) / 2)


def test_tables_keep_equal_names_of_two_corpora_apart():
    tallies, raw = videos()
    summary = summarise(tallies, SETTINGS)
    assert [(row.corpus, row.frames) for row in summary.corpora] == [("a", 150), ("b", 150)]
    assert [(row.corpus, row.name, row.frames) for row in summary.subjects] == [
        ("a", "s1", 100),
        ("a", "s2", 50),
        ("b", "s1", 100),
        ("b", "s2", 50),
    ]
    assert len(summary.videos) == 6
    x, y = pooled(raw, "rnn", "arousal", lambda key: key[:2] == ("b", "s1"))
    assert summary.subjects[2].scores["rnn"]["arousal"].ccc == pytest.approx(ccc(x, y), abs=1e-12)


def test_the_mean_is_bootstrapped_with_both_outputs_of_a_video_together():
    # Arousal is the same as valence in every video, so the mean of the two is each of them: its
    # interval must be theirs. Draws of their own for each output would make it narrower.
    tallies = {}
    rng = np.random.Generator(np.random.PCG64(1))
    for i in range(8):
        key = VideoKey("c", f"s{i}", f"v{i}")
        label = rng.uniform(-1, 1, 30)
        prediction = label + rng.normal(0, i / 4, 30)
        tallies[key] = VideoTally.of(
            key,
            range(30),
            {"valence": label, "arousal": label},
            {(s, o): prediction for s in ("cnn", "rnn") for o in ("valence", "arousal")},
        )
    stage = summarise(tallies, SETTINGS).stages["rnn"]
    single = stage.outputs["valence"]
    moments = [tally.moments[("rnn", "valence")] for _, tally in sorted(tallies.items())]
    assert (single.ccc_low, single.ccc_high) == bootstrap_over_videos(moments, n=200, seed=0)
    assert stage.ccc_mean_low == pytest.approx(single.ccc_low, abs=1e-9)
    assert stage.ccc_mean_high == pytest.approx(single.ccc_high, abs=1e-9)
    assert stage.ccc_mean_high - stage.ccc_mean_low > 0.01


def test_equal_tallies_give_equal_text_whatever_their_order():
    tallies, _ = videos()
    backwards = dict(reversed(tallies.items()))
    assert summarise(tallies, SETTINGS).dumps() == summarise(backwards, SETTINGS).dumps()


def test_one_output_stands_for_the_mean():
    settings = GateSettings(outputs="valence", bootstrap=50)
    stage = summarise(videos()[0], settings).stages["cnn"]
    assert list(stage.outputs) == ["valence"]
    assert stage.ccc_mean == stage.outputs["valence"].ccc
    assert stage.ccc_mean_low == stage.outputs["valence"].ccc_low


def test_json_has_no_nan_and_reads_back():
    key = VideoKey("c", "s", "v")
    flat = np.zeros(4)
    tally = VideoTally.of(
        key,
        range(4),
        {"valence": flat, "arousal": flat},
        {(s, o): flat for s in ("cnn", "rnn") for o in ("valence", "arousal")},
    )
    summary = summarise({key: tally}, SETTINGS)
    text = summary.dumps()
    assert "NaN" not in text
    assert json.loads(text)["stages"]["rnn"]["outputs"]["valence"]["ccc"] is None
    again = Summary.from_json(json.loads(text))
    assert math.isnan(again.stages["rnn"].ccc_mean)
    assert again.stages["rnn"].outputs["valence"].rmse == 0.0
    assert again.dumps() == text


def test_metrics_of_another_form_are_refused():
    values = summarise(videos()[0], SETTINGS).as_json()
    with pytest.raises(InputError, match="format 2; format 1 would do"):
        Summary.from_json({**values, "format": 2})
    del values["stages"]["rnn"]["ccc_mean"]
    with pytest.raises(InputError, match="ccc_mean"):
        Summary.from_json(values)


def test_nothing_labelled_is_an_error():
    with pytest.raises(InputError, match="no prediction carries a label"):
        summarise({VideoKey("c", "s", "v"): VideoTally()}, SETTINGS)
