import json
import shutil
from pathlib import Path

import pytest

from affectflow.errors import InputError
from bench.recorded import REBUILD, RELEASE, Execution
from bench.recorded_runs import BALANCED, rebuild, release
from pipelines.review.detail import node_order, read_run
from pipelines.review.store import open_store


@pytest.fixture
def shown(recorder):
    """shown(name): read_run in the recorder's workspace."""

    def read(name):
        return read_run(recorder.workspace, open_store(recorder.workspace, environment={}), name)

    return read


def states(run):
    return {node.node: node.state for node in run.nodes}


def test_every_node_with_what_it_took_and_gave(told, shown):
    run = shown("demo_release.r2")
    assert [node.node for node in run.nodes] == list(RELEASE)
    assert states(run) == dict.fromkeys(RELEASE, "run") | dict.fromkeys(RELEASE[:3], "imported")
    nodes = {node.node: node for node in run.nodes}
    trainer = nodes["RnnTrainer"]
    assert {a.key: a.type for a in trainer.outputs} == {"model": "Model", "model_run": "ModelRun"}
    assert all(a.exists and a.made_by == "demo_release.r2" for a in trainer.outputs)
    assert trainer.outputs[0].made_by_node == "RnnTrainer"
    assert [a.key for a in trainer.inputs] == ["features"]
    assert trainer.properties == {"code_version": "c" * 16}
    assert trainer.duration_s >= 0
    (frames,) = nodes["Frames"].outputs
    assert (frames.made_by, frames.made_by_node) == ("demo_rebuild.r1", "VideoExampleGen")


def test_settings_of_the_data_are_the_rebuild_s(recorder, shown):
    rebuilt = rebuild(recorder, "demo_rebuild.r1", settings={"ingest": {"shard_frames": 7}})
    release(
        recorder, "demo_release.r2", rebuilt, number=1,
        settings={"sampler": {"rule": "paper"}, "ingest": {"shard_frames": 9}},
    )  # fmt: skip
    found = shown("demo_release.r2").settings
    assert found["sampler.rule"] == "cap"
    assert found["ingest.shard_frames"] == 7
    assert found["rnn.cell"] == "gru3"
    assert found["corpus"] == "affwild2"
    assert not any(name.startswith("rnn.") for name in shown("demo_rebuild.r1").settings)


def test_a_refusal_says_why(told, shown):
    run = shown("latest")
    pusher = run.nodes[-1]
    assert (pusher.state, pusher.why) == ("skipped", "the gate refused the model")
    assert run.summary["verdict"]["blessed"] is False
    assert run.histories["rnn"]["best_epoch"] == 0
    assert run.data["digest"] == BALANCED
    assert json.dumps(run.as_json(), allow_nan=False)
    assert run.as_json()["facts"]["frames_kept"] == 140


def test_cached_nodes_name_the_run_that_worked(recorder, rebuilt, shown):
    rebuild(recorder, "demo_rebuild.r2", reuse=rebuilt)
    run = shown("demo_rebuild.r2")
    assert states(run) == dict.fromkeys(REBUILD, "cached")
    made = {a.made_by for node in run.nodes for a in node.outputs}
    assert made == {"demo_rebuild.r1"}
    assert run.facts.frames_kept == 140


def test_an_importer_that_recorded_a_folder_anew_leads_to_its_maker(recorder, rebuilt, shown):
    again = type(rebuilt.artifacts["Transform/transform_graph"])()
    again.CopyFrom(rebuilt.artifacts["Transform/transform_graph"])
    again.ClearField("id")
    again.ClearField("name")
    run = release(recorder, "demo_release.r2", rebuilt, nodes=())
    recorder.imports(run, "TransformGraph", again)
    (graph,) = shown("demo_release.r2").nodes[0].outputs
    assert (graph.made_by, graph.made_by_node) == ("demo_rebuild.r1", "Transform")


def test_half_a_run_shows_what_is_to_come(recorder, shown):
    run = rebuild(recorder, "demo_rebuild.r1", nodes=REBUILD[:3], last_state=Execution.RUNNING)
    found = shown("latest")
    assert states(found) == {
        "FramesSchema": "run", "VideoExampleGen": "run", "StatisticsGen": "interrupted",
        "ExampleValidator": "not begun", "DensitySampler": "not begun", "Transform": "not begun",
    }  # fmt: skip
    assert found.nodes[2].duration_s is None
    recorder.node(run, "StatisticsGen", Execution.FAILED)
    failed = shown("latest").nodes[2]
    assert (failed.state, failed.attempts) == ("failed", 2)
    assert failed.duration_s is not None


def test_deleted_artifacts_are_known_to_be_gone(told, shown, recorder):
    shutil.rmtree(recorder.workspace.artifacts / "demo_release/RnnTrainer")
    run = shown("demo_release.r2")
    gone = {node.node for node in run.nodes for a in node.outputs if not a.exists}
    assert gone == {"RnnTrainer"}
    assert set(run.histories) == {"cnn"}


def test_rejected_clips(recorder, rebuilt, shown):
    row = {"video_id": "v", "split": "train", "cause": "corrupt", "detail": "d"}
    path = Path(rebuilt.uri("VideoExampleGen/rejects"), "rejects.jsonl")
    path.write_text(json.dumps(row) + "\n7\n")
    assert shown("latest").rejects == (row,)
    path.write_text("{")
    assert shown("latest").rejects == ()


def test_the_page_and_the_log_of_a_run(recorder, rebuilt, shown):
    assert (shown("latest").report, shown("latest").log) == ("", "")
    for name in ("reports/demo_rebuild.r1.html", "logs/r1.log"):
        path = recorder.workspace.root / name
        path.parent.mkdir()
        path.touch()
    assert shown("latest").report.endswith("reports/demo_rebuild.r1.html")
    assert shown("latest").log.endswith("logs/r1.log")


def test_what_a_failed_node_said(recorder, shown):
    said = json.dumps({"resultMessage": "no space\x1b[31m"})
    run = rebuild(recorder, "demo_rebuild.r1", nodes=REBUILD[:1])
    recorder.node(run, "VideoExampleGen", Execution.FAILED, {"__execution_result__": said})
    node = shown("latest").nodes[1]
    assert (node.why, node.properties) == ("no space\x1b[31m", {})


def test_an_unknown_run(told, shown):
    with pytest.raises(InputError, match=r"demo_release\.r3"):
        shown("demo_release.r4")


def test_the_order_of_nodes_is_the_compiled_one():
    assert set(node_order("demo_release")) == set(RELEASE)
    assert set(node_order("demo_rebuild")) == set(REBUILD)
    assert node_order("no_such") == node_order("../x") == ()
