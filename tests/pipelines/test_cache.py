"""What the cache knows again of a workspace that was moved, and of two that share a store."""

from pathlib import Path

import pytest
from tfx.dsl.component.experimental.annotations import InputArtifact, OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration.pipeline import Pipeline
from tfx.types import standard_artifacts

from pipelines.local import run_local
from pipelines.moved import settle
from pipelines.workspace import Workspace

# TFX reads a component's annotations as they are, so they may not be postponed here.


@component
def Say(said: OutputArtifact[standard_artifacts.String], store: Parameter[str]):
    said.set_string_custom_property("kept_in", store)
    said.value = "hi"


@component
def Repeat(
    said: InputArtifact[standard_artifacts.String],
    again: OutputArtifact[standard_artifacts.String],
    lineage: Parameter[str],
):
    again.value = said.read() * 2


@pytest.fixture
def run(compiled):
    """run(workspace, run_id, releases="releases"): Say -> Repeat; gives results by node."""

    def go(workspace, run_id, releases="releases"):
        # As the commands and the node runner do before all else.
        workspace.root.mkdir(exist_ok=True)
        settle(workspace)
        workspace.faces.mkdir(exist_ok=True)
        say = Say(store=str(workspace.faces))
        told = f'{{"releases": ["{workspace.root / releases}"]}}'
        pipeline = Pipeline(
            pipeline_name="words",
            pipeline_root=str(workspace.artifacts / "words"),
            components=[say, Repeat(said=say.outputs["said"], lineage=told)],
            enable_cache=True,
        )
        return run_local(compiled(pipeline, run_id), workspace)

    return go


def states(results):
    return {node: result.state for node, result in results.items()}


DONE = {"Say": "complete", "Repeat": "complete"}
REUSED = {"Say": "cached", "Repeat": "cached"}


def uris(results):
    return [Path(results["Say"].uri("said")), Path(results["Repeat"].uri("again"))]


def test_what_was_done_before_a_move_stays_done(run, tmp_path):
    moved = tmp_path / "ws"
    first = run(Workspace(moved), "r1")
    assert states(first) == DONE
    for number, place in enumerate(("elsewhere", "été"), start=2):
        moved = moved.rename(tmp_path / place)
        results = run(Workspace(moved), f"r{number}")
        assert states(results) == REUSED
        for before, now in zip(uris(first), uris(results)):
            assert now == moved / before.relative_to(tmp_path / "ws")
            assert now.is_file()
        (said,) = results["Say"].outputs["said"]
        assert said.get_string_custom_property("kept_in") == str(moved / "faces")
    # What differs within the workspace is other work.
    other = run(Workspace(moved), "r9", releases="others")
    assert states(other) == {"Say": "cached", "Repeat": "complete"}


def test_work_whose_files_are_gone_is_done_anew(run, tmp_path):
    workspace = Workspace(tmp_path / "ws")
    uris(run(workspace, "r1"))[1].unlink()
    assert states(run(workspace, "r2")) == {"Say": "cached", "Repeat": "complete"}


def test_workspaces_of_one_store_keep_to_themselves(run, tmp_path, monkeypatch):
    monkeypatch.setenv("AFFECTFLOW_METADATA", f"sqlite:///{tmp_path}/shared.sqlite")
    one, two = Workspace(tmp_path / "one"), Workspace(tmp_path / "two")
    assert states(run(one, "r1")) == DONE
    # Equal work, but its files would be another workspace's.
    results = run(two, "r2")
    assert states(results) == DONE
    assert all(uri.is_relative_to(two.root) for uri in uris(results))
    for run_id, workspace in (("r3", one), ("r4", two), ("r5", one)):
        again = run(workspace, run_id)
        assert states(again) == REUSED
        assert all(uri.is_relative_to(workspace.root) for uri in uris(again))
    # One of them moves.
    moved = Workspace(one.root.rename(tmp_path / "three"))
    assert states(run(moved, "r6")) == REUSED
    assert states(run(two, "r7")) == REUSED
