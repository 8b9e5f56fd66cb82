import sys
import tempfile
from pathlib import Path

import apache_beam as beam
import pytest
from ml_metadata import errors
from ml_metadata.proto import metadata_store_pb2
from tfx import types
from tfx.dsl.component.experimental.annotations import (
    BeamComponentParameter,
    InputArtifact,
    OutputArtifact,
    Parameter,
)
from tfx.dsl.component.experimental.decorators import component
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.components.common.importer import Importer
from tfx.dsl.experimental.conditionals import conditional
from tfx.orchestration import metadata
from tfx.orchestration.pipeline import Pipeline
from tfx.orchestration.portable import importer_node_handler, outputs_utils
from tfx.orchestration.portable.launcher import Launcher
from tfx.types import standard_artifacts

from affectflow.errors import InputError
from pipelines import local
from pipelines.beam import IN_PROCESS
from pipelines.executions import CACHED, COMPLETE, executions_of_run
from pipelines.gone import REASON
from pipelines.metadata_store import metadata_connection
from pipelines.node import NodeFailed, _Launcher, run_node
from pipelines.review.states import failure_of
from pipelines.seal import DamagedFiles
from pipelines.workspace import Workspace

FAILED = metadata_store_pb2.Execution.FAILED
# TFX reads a component's annotations as they are, so they may not be postponed here.
RAN = []


@component
def Say(said: OutputArtifact[standard_artifacts.String], word: Parameter[str]):
    RAN.append("Say")
    if word == "bad":
        raise InputError("word is 'bad'; another would do")
    said.value = word


@component
def Repeat(
    said: InputArtifact[standard_artifacts.String],
    again: OutputArtifact[standard_artifacts.String],
    broken: Parameter[str],
):
    RAN.append("Repeat")
    import pathlib

    if pathlib.Path(broken).exists():
        raise OSError(28, "No space left on device", broken)
    again.value = said.read() * 2


@component
def Fill(
    model: OutputArtifact[standard_artifacts.Model],
    killed: Parameter[str],
):
    import pathlib
    import tempfile

    folder = pathlib.Path(model.uri)
    scratch = pathlib.Path(tempfile.mkdtemp())
    assert list(scratch.parent.iterdir()) == [scratch]
    if pathlib.Path(killed).exists():
        (folder / "beam-temp-1").mkdir()
        (folder / "beam-temp-1/shard").touch()
        (folder / "shard-00000-of-00002").touch()
        # As a signal ends a process: nothing is published.
        raise KeyboardInterrupt
    (folder / "whole").touch()


@component(use_beam=True)
def Job(
    said: OutputArtifact[standard_artifacts.String],
    beam_pipeline: BeamComponentParameter[beam.Pipeline] = None,
):
    options = beam_pipeline.options.get_all_options()
    said.value = f"{options['runner']} {options['direct_num_workers']} {options['job_name']}"


@pytest.fixture(autouse=True)
def _nothing_ran():
    RAN.clear()


@pytest.fixture
def pipeline(tmp_path):
    """Say -> Repeat, and Later, which only runs after the word "go"."""

    def make(word="hi", cached=True):
        say = Say(word=word)
        repeat = Repeat(said=say.outputs["said"], broken=str(tmp_path / "broken"))
        nodes: list[BaseComponent] = [say, repeat]
        with conditional.Cond(say.outputs["said"].future()[0].value == "go"):
            nodes.append(Say(word="later").with_id("Later"))
        return Pipeline(
            pipeline_name="words",
            pipeline_root=str(tmp_path / "root"),
            components=nodes,
            enable_cache=cached,
        )

    return make


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def connection(workspace):
    return metadata_connection(workspace)


@pytest.fixture
def run_local(compiled, workspace):
    """run_local(pipeline, run_id, listener): as the commands run it."""

    def run(pipeline, run_id, *listener):
        return local.run_local(compiled(pipeline, run_id), workspace, (), *listener)

    return run


def text(artifact: types.Artifact) -> str:
    artifact.read()
    return artifact.value


def test_nodes_run_in_order_and_give_their_outputs(run_local, pipeline):
    seen = []
    results = run_local(pipeline(), "r1", lambda node, result: seen.append((node, result)))
    assert RAN == ["Say", "Repeat"]
    shown = [(node, result and result.state) for node, result in seen]
    # Before and after each; where Later stands among them is free, but for Say.
    assert shown[:2] == [("Say", None), ("Say", "complete")]
    pairs = [shown[2:4], shown[4:6]]
    assert [("Repeat", None), ("Repeat", "complete")] in pairs
    assert [("Later", None), ("Later", "skipped")] in pairs
    assert text(results["Repeat"].outputs["again"][0]) == "hihi"
    assert results["Repeat"].uri("again") == results["Repeat"].outputs["again"][0].uri
    assert results["Later"].execution_id is None
    assert results["Later"].outputs == {}


def test_a_condition_that_holds(run_local, pipeline):
    assert run_local(pipeline("go"), "r1")["Later"].state == "complete"


def test_equal_inputs_are_not_worked_on_twice(run_local, pipeline):
    first = run_local(pipeline(), "r1")
    RAN.clear()
    second = run_local(pipeline(), "r2")
    assert RAN == []
    assert {node: result.state for node, result in second.items()} == {
        "Say": "cached", "Repeat": "cached", "Later": "skipped"
    }  # fmt: skip
    assert second["Repeat"].uri("again") == first["Repeat"].uri("again")
    assert run_local(pipeline("ho"), "r3")["Repeat"].state == "complete"


def test_a_failure_comes_up_as_it_was_raised(run_local, pipeline):
    with pytest.raises(InputError, match="another would do"):
        run_local(pipeline("bad"), "r1")
    assert RAN == ["Say"]


def test_what_could_not_be_recorded_is_removed(run_local, pipeline, tmp_path, monkeypatch):
    def full(*_, **__):
        raise RuntimeError("Error when executing query: database or disk is full query: COMMIT;")

    monkeypatch.setattr(_Launcher, "_publish_successful_execution", full)
    with pytest.raises(RuntimeError, match="disk is full"):
        run_local(pipeline(), "r1")
    # It was written and sealed by then: an output and the list of its files.
    assert [path for path in tmp_path.rglob("*Say/said/**/*") if path.is_file()] == []
    monkeypatch.undo()
    assert text(run_local(pipeline(), "r1")["Repeat"].outputs["again"][0]) == "hihi"


def test_a_failed_run_goes_on_where_it_was(run_local, pipeline, tmp_path):
    (tmp_path / "broken").touch()
    with pytest.raises(OSError, match="No space left"):
        run_local(pipeline(cached=False), "r1")
    assert RAN == ["Say", "Repeat"]
    (tmp_path / "broken").unlink()
    results = run_local(pipeline(cached=False), "r1")
    # Without a cache: it is the run's own node that need not run again.
    assert RAN == ["Say", "Repeat", "Repeat"]
    assert text(results["Repeat"].outputs["again"][0]) == "hihi"
    assert run_local(pipeline(cached=False), "r1")["Repeat"].state == "complete"
    assert RAN == ["Say", "Repeat", "Repeat"]


def test_a_killed_node_starts_from_empty_folders(run_local, tmp_path, monkeypatch):
    killed = tmp_path / "killed"
    killed.touch()
    root = tmp_path / "root"
    pipeline = Pipeline("words", str(root), components=[Fill(killed=str(killed))])
    with monkeypatch.context() as patched:
        # Nobody clears away after SIGKILL.
        patched.setattr(Launcher, "_clean_up_stateless_execution_info", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            run_local(pipeline, "r1")
    left = {path.name for path in root.rglob("*") if path.is_file()}
    assert left >= {"shard", "shard-00000-of-00002"}
    assert [path.parent.name for path in root.rglob("tmp*")] == [".temp"]
    killed.unlink()
    outside = tempfile.gettempdir()
    folder = run_local(pipeline, "r1")["Fill"].uri("model")
    assert [path.name for path in Path(folder).iterdir()] == ["whole"]
    assert list(root.rglob("stateful_working_dir/*")) == []
    # Temporary files, of either try, have gone with the execution's.
    assert [path.name for path in root.rglob("tmp*")] == []
    assert tempfile.gettempdir() == outside


def state_and_reason(connection):
    with metadata.Metadata(connection) as handle:
        (execution,) = handle.store.get_executions()
    return execution.last_known_state, failure_of(execution)


def test_why_an_executor_failed_is_recorded(run_local, pipeline, connection):
    with pytest.raises(InputError):
        run_local(pipeline("bad"), "r1")
    assert state_and_reason(connection) == (FAILED, "word is 'bad'; another would do")


def test_a_driver_that_fails_leaves_no_execution_running(
    run_local, pipeline, connection, monkeypatch
):
    # A driver runs once the execution is registered; what it raises ends the launcher.
    def fail(*_):
        raise InputError("/nowhere: no such folder; --data names it")

    with monkeypatch.context() as patched:
        patched.setattr(outputs_utils.OutputsResolver, "get_executor_output_uri", fail)
        with pytest.raises(InputError):
            run_local(pipeline(), "r1")
    assert RAN == []
    assert state_and_reason(connection) == (FAILED, "/nowhere: no such folder; --data names it")
    # Once that is mended the run goes on.
    assert run_local(pipeline(), "r1")["Repeat"].state == "complete"


def words(root, broken, name="words"):
    say = Say(word="hi")
    return Pipeline(
        name,
        str(root),
        components=[say, Repeat(said=say.outputs["said"], broken=broken)],
        enable_cache=True,
    )


def test_what_was_changed_is_not_worked_with_and_is_made_anew(run_local, tmp_path):
    root = tmp_path / "root"
    said = run_local(words(root, "none"), "r1")["Say"].uri("said")
    Path(said).write_text("ho")
    RAN.clear()
    # With another setting Repeat is not cached, Say is.
    with pytest.raises(DamagedFiles, match=f"{said} is not as .* gave it: value has other content"):
        run_local(words(root, "other"), "r2")
    assert RAN == []
    results = run_local(words(root, "other"), "r3")
    assert RAN == ["Say", "Repeat"]
    assert text(results["Repeat"].outputs["again"][0]) == "hihi"
    assert results["Say"].uri("said") != said


def test_imported_files_that_were_changed_are_refused_each_time(run_local, tmp_path):
    said = run_local(words(tmp_path / "root", "none"), "r1")["Say"].uri("said")
    Path(said).write_text("ho")
    imported = Importer(source_uri=said, artifact_type=standard_artifacts.String)
    repeat = Repeat(said=imported.outputs["result"], broken="none")
    again = Pipeline("again", str(tmp_path / "root"), components=[imported, repeat])
    for run in ("r2", "r2", "r3"):
        with pytest.raises(DamagedFiles, match="value has other content"):
            run_local(again, run)
    # As from a backup.
    Path(said).write_text("hi")
    assert text(run_local(again, "r3")["Repeat"].outputs["again"][0]) == "hihi"


def test_a_killed_import_is_not_left_as_if_somebody_were_at_work(
    run_local, tmp_path, connection, monkeypatch
):
    said = run_local(words(tmp_path / "root", "none"), "r1")["Say"].uri("said")
    imported = Importer(source_uri=said, artifact_type=standard_artifacts.String)
    again = Pipeline("again", str(tmp_path / "root"), components=[imported])

    def killed(**_):
        raise KeyboardInterrupt  # as a signal ends a process: nothing is published

    with monkeypatch.context() as patch:
        for name in ("publish_cached_executions", "publish_succeeded_execution"):
            patch.setattr(importer_node_handler.execution_publish_utils, name, killed)
        with pytest.raises(KeyboardInterrupt):
            run_local(again, "r2")
    assert run_local(again, "r2")["Importer"].state == "imported"
    with metadata.Metadata(connection) as handle:
        tries = [found for node, found in executions_of_run(handle.store, "r2")]
    # TFX's Importer takes nothing up: it begins another execution.
    assert [failure_of(found) for found in tries] == [REASON, ""]
    assert tries[1].last_known_state in (COMPLETE, CACHED)


def test_no_output_can_be_published_twice(run_local, pipeline, connection):
    results = run_local(pipeline(), "r1")
    with metadata.Metadata(connection) as handle:
        artifacts = handle.store.get_artifacts()
        assert {artifact.name for artifact in artifacts} == {
            f"{results['Say'].execution_id}.said.0",
            f"{results['Repeat'].execution_id}.again.0",
        }
        for artifact in artifacts:
            artifact.ClearField("id")
            with pytest.raises(errors.AlreadyExistsError):
                handle.store.put_artifacts([artifact])


def test_missing_inputs_are_a_failure(compiled, workspace, pipeline):
    # TFX's launcher publishes FAILED and returns as if nothing had happened.
    with pytest.raises(NodeFailed, match=r"Repeat: execution \d+ ended FAILED"):
        run_node(compiled(pipeline(), "r1"), "Repeat", workspace)
    assert RAN == []


def test_a_node_that_is_not_there(compiled, workspace, pipeline):
    with pytest.raises(KeyError, match="Nobody"):
        run_node(compiled(pipeline(), "r1"), "Nobody", workspace)


def test_beams_options_reach_the_job(compiled, workspace, tmp_path):
    # TFX's launcher reads one of two forms in which its compiler writes them.
    job = Pipeline(pipeline_name="job", pipeline_root=str(tmp_path / "root"), components=[Job()])
    options = [f"--runner={IN_PROCESS}", "--direct_num_workers=3", "--job_name=nightly"]
    result = run_node(compiled(job, "r1"), "Job", workspace, options)
    assert text(result.outputs["said"][0]) == f"{IN_PROCESS} 3 nightly"


def test_a_job_on_other_workers_is_the_same_job(compiled, workspace, tmp_path):
    job = Pipeline("job", str(tmp_path / "root"), components=[Job()], enable_cache=True)
    for run, workers, state in (("r1", 3, "complete"), ("r2", 4, "cached")):
        options = [
            f"--runner={IN_PROCESS}",
            f"--direct_num_workers={workers}",
            "--job_name=nightly",
        ]
        assert run_node(compiled(job, run), "Job", workspace, options).state == state


class ArgvAtAppend(list):
    """Stands for RAN and notes the command line whenever a node runs."""

    def __init__(self, seen):
        self.seen = seen

    def append(self, _):
        self.seen.append(list(sys.argv))


def test_an_executor_does_not_see_the_command_line(compiled, workspace, pipeline, monkeypatch):
    # TFX parses sys.argv as flags of its own, and knows a -v that wants a number.
    seen = []
    monkeypatch.setattr(sys, "argv", ["affectflow", "rebuild", "-v"])
    monkeypatch.setitem(globals(), "RAN", ArgvAtAppend(seen))
    run_node(compiled(pipeline(), "r1"), "Say", workspace)
    assert seen == [["affectflow"]]
    assert sys.argv == ["affectflow", "rebuild", "-v"]
