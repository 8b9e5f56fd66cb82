import math

import numpy as np
import pytest

tfma = pytest.importorskip("tensorflow_model_analysis")

from affectflow.errors import InputError
from affectflow.gate import GateSettings, Summary
from affectflow.metrics import ccc, pearson, rmse
from affectflow.release import publish

SETTINGS = GateSettings(bootstrap=30)


def values(result, stage, output, slice_key):
    """TFMA's own numbers of one slice."""
    found = dict(result[stage].slicing_metrics)[slice_key][output][""]
    return {name: float(value["doubleValue"]) for name, value in found.items()}


def test_tfma_and_the_summary_equal_numpy(tmp_path, predictions, evaluate):
    made = predictions()
    # Some frames have one label, some none: each output is pooled over its own.
    for i, row in enumerate(made.rows):
        if i % 7 == 0:
            row["valence"] = math.nan
        if i % 21 in (0, 1):
            row["arousal"] = math.nan
    folder, blessing, summary = evaluate(made.write(tmp_path / "p"), SETTINGS)
    result = {
        stage: tfma.load_eval_result(str(folder), model_name=stage)
        for stage in SETTINGS.stage_names
    }

    slices = [((), {})]
    for column in ("corpus", "subject_id", "video_id"):
        for name in {row[column] for row in made.rows}:
            slices.append((((column, name),), {column: name}))
    assert {key for key, _ in slices} == {key for key, _ in result["cnn"].slicing_metrics}
    for stage in SETTINGS.stage_names:
        for output in SETTINGS.output_names:
            for key, where in slices:
                x, y = made.pairs(stage, output, **where)
                found = values(result, stage, output, key)
                assert found["ccc"] == pytest.approx(ccc(x, y), abs=1e-6)
                assert found["pearson"] == pytest.approx(pearson(x, y), abs=1e-6)
                assert found["rmse"] == pytest.approx(rmse(x, y), abs=1e-6)
                assert found["labelled_count"] == len(x)
            x, y = made.pairs(stage, output)
            score = summary["stages"][stage]["outputs"][output]
            assert score["ccc"] == pytest.approx(ccc(x, y), abs=1e-6)
            assert score["count"] == len(x)
            for row in summary["videos"]:
                x, y = made.pairs(stage, output, video_id=row["name"])
                assert row["scores"][stage][output]["ccc"] == pytest.approx(ccc(x, y), abs=1e-6)
    # 2 corpora of 3 videos of 60 frames; frames 0, 21, 42, ... of the 360 have no label at all.
    assert summary["frames"] == 360 - math.ceil(360 / 21)
    assert len(summary["videos"]) == 6
    assert summary["verdict"]["blessed"] is True
    assert blessing.get_int_custom_property("blessed") == 1
    assert [path.name for path in (tmp_path / "run/blessing").iterdir()] == ["BLESSED"]


def test_the_summary_does_not_depend_on_shards_or_order(tmp_path, predictions, evaluate):
    made = predictions(frames=20)
    _, _, one = evaluate(made.write(tmp_path / "p1", shards=1), SETTINGS, name="one")
    np.random.Generator(np.random.PCG64(3)).shuffle(made.rows)
    _, _, three = evaluate(made.write(tmp_path / "p3", shards=3), SETTINGS, name="three")
    assert one["digest"] == three["digest"]
    for stage in SETTINGS.stage_names:
        assert one["stages"][stage]["ccc_mean"] == pytest.approx(
            three["stages"][stage]["ccc_mean"], abs=1e-12
        )


def test_a_model_of_shuffled_labels_is_refused(tmp_path, predictions, evaluate):
    made = predictions()
    rng = np.random.Generator(np.random.PCG64(1))
    for output in SETTINGS.output_names:
        labels = rng.permutation([row[output] for row in made.rows])
        for row, label in zip(made.rows, labels, strict=True):
            row[output] = float(label)
    _, blessing, summary = evaluate(made.write(tmp_path / "p"), SETTINGS)
    assert blessing.get_int_custom_property("blessed") == 0
    assert [path.name for path in (tmp_path / "run/blessing").iterdir()] == ["NOT_BLESSED"]
    assert "is below min_ccc_mean 0.2200" in summary["verdict"]["failures"][0]


def test_a_nan_among_the_predictions_is_refused(tmp_path, predictions, evaluate):
    made = predictions(frames=10)
    made.rows[5]["rnn_arousal"] = math.nan
    _, blessing, summary = evaluate(made.write(tmp_path / "p"), SETTINGS)
    assert blessing.get_int_custom_property("blessed") == 0
    assert summary["stages"]["rnn"]["outputs"]["arousal"]["ccc"] is None
    assert any("rnn arousal CCC is not a number" in line for line in summary["verdict"]["failures"])


def test_one_stage_of_one_output(tmp_path, predictions, evaluate):
    made = predictions(frames=10)
    settings = GateSettings(stage="cnn", stages="cnn", outputs="arousal", bootstrap=10)
    absent = ("cnn_valence", "rnn_valence", "rnn_arousal")
    folder, _, summary = evaluate(made.write(tmp_path / "p", without=absent), settings)
    x, y = made.pairs("cnn", "arousal")
    assert list(summary["stages"]) == ["cnn"]
    assert summary["stages"]["cnn"]["ccc_mean"] == pytest.approx(ccc(x, y), abs=1e-6)
    # TFMA calls a single model "".
    result = {"": tfma.load_eval_result(str(folder))}
    assert values(result, "", "arousal", ())["ccc"] == pytest.approx(ccc(x, y), abs=1e-6)


def test_a_missing_prediction_is_an_error_and_not_a_gap(tmp_path, predictions, evaluate):
    made = predictions(frames=3)
    with pytest.raises(
        InputError, match=r"frame \d of video .* has no rnn_arousal; stages cnn,rnn"
    ):
        evaluate(made.write(tmp_path / "p", without=("rnn_arousal",)), SETTINGS)


def test_no_files_and_no_labels_are_errors(tmp_path, predictions, evaluate):
    made = predictions(frames=3)
    with pytest.raises(InputError, match="nothing to evaluate"):
        evaluate(made.write(tmp_path / "p", without=("valence", "arousal")), SETTINGS, name="a")
    with pytest.raises(InputError, match=r"hold no \*\.tfrecord file"):
        evaluate(made.write(tmp_path / "q", shards=0), SETTINGS, name="b")


def test_the_latest_release_is_the_bar(tmp_path, predictions, evaluate, saved_model):
    good = predictions(noise=0.1)
    worse = predictions(noise=0.1)
    for row in worse.rows:
        row["rnn_valence"] *= 0.5
    good_examples = good.write(tmp_path / "good")
    worse_examples = worse.write(tmp_path / "worse")
    _, _, released = evaluate(good_examples, SETTINGS, name="released")
    publish(tmp_path / "r", {"serving": saved_model}, released, {}, {}, "first")
    _, blessing, summary = evaluate(worse_examples, SETTINGS, tmp_path / "r", name="worse-run")
    assert blessing.get_int_custom_property("blessed") == 0
    assert len(summary["verdict"]["failures"]) == 1
    assert "release 1's" in summary["verdict"]["failures"][0]

    # On other data the released numbers do not count, unless its model was run there as well.
    other = predictions(seed=9, noise=0.1)
    for row in other.rows:
        row["rnn_valence"] *= 0.5
    examples = other.write(tmp_path / "other")
    _, blessing, summary = evaluate(examples, SETTINGS, tmp_path / "r", name="not-compared")
    assert blessing.get_int_custom_property("blessed") == 1
    assert "measured on other data" in summary["verdict"]["reasons"][-1]
    baseline = predictions(seed=9, noise=0.1).write(tmp_path / "rescored", without=("cnn_valence",))
    baseline.set_int_custom_property("release", 1)
    _, blessing, summary = evaluate(examples, SETTINGS, tmp_path / "r", baseline, "compared")
    assert blessing.get_int_custom_property("blessed") == 0
    assert "scored anew on the same data" in summary["verdict"]["failures"][0]
    # Predictions of a release that is no longer the latest are not taken for it.
    baseline.set_int_custom_property("release", 7)
    _, _, summary = evaluate(examples, SETTINGS, tmp_path / "r", baseline, "stale")
    assert "measured on other data" in summary["verdict"]["reasons"][-1]
    assert Summary.from_json(summary).verdict["blessed"] is True
