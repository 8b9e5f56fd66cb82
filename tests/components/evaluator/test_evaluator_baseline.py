import dataclasses

import pytest
from tfx.orchestration.portable import data_types
from tfx.types import standard_artifacts

from affectflow.errors import InputError
from affectflow.gate import GateSettings, summarise
from affectflow.release import latest, publish
from components.evaluator.baseline import baseline_of, predictions_of
from components.latest_release import LATEST_RELEASE, LatestReleaseDriver

SETTINGS = GateSettings(bootstrap=10)


@pytest.fixture
def released(tmp_path, predictions, saved_model):
    summary = summarise(predictions(frames=5).tallies(), SETTINGS)
    publish(tmp_path / "r", {"serving": saved_model}, summary.as_json(), {}, {}, "first")
    return latest(tmp_path / "r")


def test_before_the_first_release_there_is_no_baseline():
    assert baseline_of(None, SETTINGS) is None


def test_without_new_predictions_the_metrics_are_those_of_the_release(released, predictions):
    baseline = baseline_of(released, SETTINGS)
    assert (baseline.release, baseline.rescored) == (1, False)
    expected = summarise(predictions(frames=5).tallies(), SETTINGS)
    assert baseline.summary.dumps() == expected.dumps()


def test_new_predictions_replace_them_for_the_judged_stage(released, predictions):
    baseline = baseline_of(released, SETTINGS, predictions(seed=4, frames=5).tallies())
    assert baseline.rescored
    assert list(baseline.summary.stages) == ["rnn"]
    assert baseline.summary.digest != released.metrics["digest"]


def test_a_release_with_metrics_of_another_form_is_named(released):
    other = dataclasses.replace(released, metrics={"format": 9})
    with pytest.raises(InputError, match="format 9"):
        baseline_of(other, SETTINGS)


def test_only_predictions_of_the_latest_release_count(released):
    artifact = standard_artifacts.Examples()
    artifact.set_int_custom_property("release", 1)
    assert predictions_of(released, [artifact]) is artifact
    artifact.set_int_custom_property("release", 2)
    assert predictions_of(released, [artifact]) is None
    assert predictions_of(released, None) is None
    assert predictions_of(None, [artifact]) is None


def test_the_driver_tells_the_cache_which_release_is_the_latest(tmp_path, saved_model):
    def known():
        info = data_types.ExecutionInfo(exec_properties={"releases": str(tmp_path / "r")})
        return LatestReleaseDriver(None).run(info).exec_properties[LATEST_RELEASE].string_value

    assert known() == "none"
    publish(tmp_path / "r", {"serving": saved_model}, {"ccc": 0.1}, {}, {}, "first")
    first = known()
    assert first.startswith("1:")
    assert known() == first
    publish(tmp_path / "r", {"serving": saved_model}, {"ccc": 0.1}, {}, {}, "second")
    assert known().startswith("2:")
