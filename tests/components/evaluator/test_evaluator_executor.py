import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import tensorflow_model_analysis as tfma

from affectflow.errors import InputError
from affectflow.gate import GateSettings, summarise
from affectflow.metrics import ccc, pearson, rmse
from affectflow.release import publish
from tests.lost_elements import losses_unnoticed

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
    folder, blessing, summary = evaluate(made.write(tmp_path / "odd [a-b] *"), SETTINGS)
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


def test_a_model_of_shuffled_labels_is_refused(tmp_path, predictions, evaluate):
    made = predictions()
    rng = np.random.Generator(np.random.PCG64(1))
    for output in SETTINGS.output_names:
        labels = rng.permutation([row[output] for row in made.rows])
        for row, label in zip(made.rows, labels, strict=True):
            row[output] = float(label)
    made.rows[5]["rnn_arousal"] = math.nan
    _, blessing, summary = evaluate(made.write(tmp_path / "p"), SETTINGS)
    assert blessing.get_int_custom_property("blessed") == 0
    assert [path.name for path in (tmp_path / "run/blessing").iterdir()] == ["NOT_BLESSED"]
    # 360 frames of unrelated values: |CCC| has a deviation of about 1/sqrt(360) = .05.
    assert abs(summary["stages"]["cnn"]["ccc_mean"]) < 0.15
    # One NaN among the predictions (the Predictor leaves it out) is not averaged away either.
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


def test_no_files_and_no_labels_are_errors(tmp_path, predictions, evaluate):
    made = predictions(frames=3)
    with pytest.raises(InputError, match="nothing to evaluate"):
        evaluate(made.write(tmp_path / "p", without=("valence", "arousal")), SETTINGS, name="a")
    with pytest.raises(InputError, match="have no file in split eval"):
        evaluate(made.write(tmp_path / "q", shards=0), SETTINGS, name="b")


def halved(made):
    """A model that is right in shape and wrong in scale: a lower CCC, an equal Pearson's r."""
    for row in made.rows:
        row["rnn_valence"] *= 0.5
    return made


def test_worse_than_the_latest_release_on_the_same_data(
    tmp_path, predictions, evaluate, saved_model
):
    released = predictions(noise=0.1)
    summary = summarise(released.tallies(), SETTINGS)
    publish(tmp_path / "r", {"serving": saved_model}, summary.as_json(), {}, {}, "first")
    examples = halved(predictions(noise=0.1)).write(tmp_path / "p")
    _, blessing, found = evaluate(examples, SETTINGS, tmp_path / "r")
    # The digest from Beam is the one from NumPy: it depends on no order and no shards.
    assert found["digest"] == summary.digest
    assert blessing.get_int_custom_property("blessed") == 0
    assert len(found["verdict"]["failures"]) == 1
    assert "release 1's" in found["verdict"]["failures"][0]
    assert "as released, on the same data" in found["verdict"]["failures"][0]


def test_where_nothing_is_compared_the_latest_release_is_not_looked_at(
    tmp_path, predictions, evaluate, saved_model
):
    summary = summarise(predictions(noise=0.1).tallies(), SETTINGS)
    publish(tmp_path / "r", {"serving": saved_model}, summary.as_json(), {}, {}, "first")
    examples = halved(predictions(noise=0.1)).write(tmp_path / "p")
    _, blessing, found = evaluate(examples, replace(SETTINGS, compare="none"), tmp_path / "r")
    assert blessing.get_int_custom_property("blessed") == 1
    assert "gate.compare is none" in found["verdict"]["reasons"][-1]


def test_worse_than_the_latest_release_where_its_model_was_run_anew(
    tmp_path, predictions, evaluate, saved_model
):
    elsewhere = summarise(predictions(seed=1, noise=0.1).tallies(), SETTINGS)
    publish(tmp_path / "r", {"serving": saved_model}, elsewhere.as_json(), {}, {}, "first")
    examples = halved(predictions(noise=0.1)).write(tmp_path / "p")
    # Only the judged stage of the released model is needed.
    without = ("cnn_valence", "cnn_arousal")
    baseline = predictions(noise=0.1).write(tmp_path / "baseline", without=without)
    baseline.set_int_custom_property("release", 1)
    _, blessing, found = evaluate(examples, SETTINGS, tmp_path / "r", baseline)
    assert blessing.get_int_custom_property("blessed") == 0
    assert len(found["verdict"]["failures"]) == 1
    assert "scored anew on the same data" in found["verdict"]["failures"][0]


def test_baseline_that_holds_no_predictions_leaves_the_release_as_it_was_measured(
    tmp_path, predictions, evaluate, saved_model
):
    released = predictions(noise=0.1)
    summary = summarise(released.tallies(), SETTINGS)
    publish(tmp_path / "r", {"serving": saved_model}, summary.as_json(), {}, {}, "first")
    baseline = released.write(tmp_path / "baseline", shards=0)
    baseline.set_int_custom_property("release", 1)
    baseline.set_string_custom_property("other_faces", "size 96, here 112")
    _, blessing, found = evaluate(
        halved(predictions(noise=0.1)).write(tmp_path / "p"), SETTINGS, tmp_path / "r", baseline
    )
    assert blessing.get_int_custom_property("blessed") == 0
    (failure,) = found["verdict"]["failures"]
    assert "as released, on the same data; it was trained on faces of other settings" in failure
    assert "size 96, here 112" in failure


def test_no_element_is_lost_unnoticed(tmp_path, predictions, evaluate):
    examples = predictions(frames=20).write(tmp_path / "p")
    rounds = itertools.count()

    def node():
        evaluation, blessing, summary = evaluate(examples, SETTINGS, name=f"run {next(rounds)}")
        return summary, blessing.get_int_custom_property("blessed"), analysed(evaluation)

    def analysed(evaluation):
        """TFMA's values by slice and metric, to six digits: the order of sums is free."""
        found = {}
        for stage in SETTINGS.stage_names:
            result = tfma.load_eval_result(str(evaluation), model_name=stage)
            for where, metrics in result.slicing_metrics:
                for output, ours in metrics.items():
                    for name, value in ours[""].items():
                        number = value.get("doubleValue", 0.0)
                        found[stage, where, output, name] = f"{number:.6g}"
        assert len({where for _, where, _, _ in found}) > 2
        return found

    assert losses_unnoticed(node) == []
