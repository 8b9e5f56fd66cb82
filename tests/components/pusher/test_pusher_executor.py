import hashlib
import json

import pytest
from tfx.types import standard_artifacts

from affectflow.errors import InputError
from affectflow.release import RefusedRelease, latest
from affectflow.release.tree import tree_digest
from components.pusher.executor import Executor

FAILURES = ["rnn mean CCC 0.1000 is below min_ccc_mean 0.2200"]


@pytest.fixture
def push(tmp_path):
    """Runs the executor for a run; gives the pushed artifact."""

    def artifact(kind, name):
        made = kind()
        made.uri = str(tmp_path / "artifacts" / name)
        (tmp_path / "artifacts" / name).mkdir(parents=True, exist_ok=True)
        return made

    def run(run_id="run-1", blessed=True, fail=0, weights=b"graph", recipe='{"name": "demo"}'):
        serving = artifact(standard_artifacts.Model, f"serving-{weights.decode()}")
        (tmp_path / "artifacts" / f"serving-{weights.decode()}" / "Format-Serving").mkdir(
            exist_ok=True
        )
        path = tmp_path / "artifacts" / f"serving-{weights.decode()}" / "Format-Serving"
        (path / "saved_model.pb").write_bytes(weights)
        # A model that is not in TFX's layout is taken as it is.
        cnn = artifact(standard_artifacts.Model, "cnn")
        (tmp_path / "artifacts" / "cnn" / "saved_model.pb").write_bytes(b"cnn")
        tflite = artifact(standard_artifacts.Model, "tflite")
        (tmp_path / "artifacts" / "tflite" / "model.tflite").write_bytes(b"TFL3")
        evaluation = artifact(standard_artifacts.ModelEvaluation, "evaluation")
        verdict = {"blessed": blessed, "failures": [] if blessed else FAILURES}
        (tmp_path / "artifacts/evaluation/summary.json").write_text(
            json.dumps({"verdict": verdict})
        )
        blessing = artifact(standard_artifacts.ModelBlessing, "blessing")
        blessing.set_int_custom_property("blessed", int(blessed))
        pushed = artifact(standard_artifacts.PushedModel, "pushed")
        Executor(Executor.Context(pipeline_run_id=run_id)).Do(
            {
                "serving": [serving],
                "cnn": [cnn],
                "tflite": [tflite],
                "evaluation": [evaluation],
                "blessing": [blessing],
            },
            {"pushed_model": [pushed]},
            {
                "releases": str(tmp_path / "r"),
                "recipe": recipe,
                "lineage": '{"code": "abc"}',
                "fail_on_refusal": fail,
            },
        )
        return pushed

    return run


def test_a_blessed_model_becomes_a_release_with_its_lineage(tmp_path, push):
    pushed = push()
    release = latest(tmp_path / "r")
    assert pushed.get_int_custom_property("pushed") == 1
    assert pushed.get_int_custom_property("unchanged") == 0
    assert pushed.get_string_custom_property("pushed_destination") == str(tmp_path / "r/0001")
    assert pushed.get_string_custom_property("pushed_version") == "1"
    manifest = (tmp_path / "r/0001/release.json").read_bytes()
    digest = hashlib.sha256(manifest).hexdigest()
    assert pushed.get_string_custom_property("manifest_digest") == digest
    assert (release.path / "model/serving/saved_model.pb").read_bytes() == b"graph"
    assert (release.path / "model/cnn/saved_model.pb").read_bytes() == b"cnn"
    assert (release.path / "model/tflite/model.tflite").read_bytes() == b"TFL3"
    assert release.run_id == "run-1"
    assert release.recipe == {"name": "demo"}
    assert release.metrics == {"verdict": {"blessed": True, "failures": []}}
    assert release.lineage["code"] == "abc"
    assert release.lineage["pipeline_run"] == "run-1"
    (serving,) = release.lineage["artifacts"]["serving"]
    assert serving["uri"] == str(tmp_path / "artifacts/serving-graph")
    assert serving["type"] == "Model"
    assert serving["digest"] == tree_digest(tmp_path / "artifacts/serving-graph")
    assert set(release.lineage["artifacts"]) == {
        "blessing", "cnn", "evaluation", "serving", "tflite"
    }  # fmt: skip


def test_a_retry_pushes_once(tmp_path, push):
    first, second = push(), push()
    assert second.get_string_custom_property("pushed_version") == "1"
    assert second.get_int_custom_property("unchanged") == 0
    assert first.get_string_custom_property("pushed_destination") == (
        second.get_string_custom_property("pushed_destination")
    )
    assert not (tmp_path / "r/0002").exists()


def test_the_same_models_of_another_run_are_no_new_release(tmp_path, push):
    push()
    again = push("run-2")
    assert again.get_int_custom_property("unchanged") == 1
    assert again.get_string_custom_property("pushed_version") == "1"
    assert push("run-3", weights=b"better").get_string_custom_property("pushed_version") == "2"
    # The recipe is part of what is released.
    other = push("run-4", weights=b"better", recipe='{"name": "other"}')
    assert other.get_string_custom_property("pushed_version") == "3"
    # An older release does not count: going back to its model is a change.
    assert push("run-5").get_string_custom_property("pushed_version") == "4"


def test_a_refusal_is_recorded_and_the_run_goes_on(tmp_path, push):
    pushed = push("dag.manual__2026-11-20T11:10:14+00:00", blessed=False)
    assert pushed.get_int_custom_property("pushed") == 0
    assert latest(tmp_path / "r") is None
    (record,) = (tmp_path / "r/refused").iterdir()
    assert pushed.get_string_custom_property("refusal") == str(record)
    assert json.loads(record.read_text())["reasons"] == FAILURES


def test_a_refusal_is_an_error_when_asked(tmp_path, push):
    with pytest.raises(RefusedRelease, match="below min_ccc_mean"):
        push(blessed=False, fail=1)
    assert (tmp_path / "r/refused/run-1.json").is_file()


@pytest.mark.parametrize(("recipe", "message"), [("{", "is not JSON"), ("[]", "is list in JSON")])
def test_a_recipe_that_is_no_object(push, recipe, message):
    with pytest.raises(InputError, match=f"recipe {message}"):
        push(recipe=recipe)


def test_without_a_run_there_is_no_release():
    with pytest.raises(InputError, match="needs the id of the pipeline run"):
        Executor().Do({}, {}, {})
