"""Which runs there were: what run_local leaves in ML Metadata and runs.py finds."""

import pytest
from tfx.dsl.component.experimental.annotations import OutputArtifact, Parameter
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration.pipeline import Pipeline
from tfx.types import standard_artifacts

from affectflow.errors import InputError
from pipelines.local import run_local
from pipelines.runs import latest_run
from pipelines.workspace import Workspace


@component
def First(said: OutputArtifact[standard_artifacts.String], word: Parameter[str]):
    said.value = word


@component
def Last(said: OutputArtifact[standard_artifacts.String], word: Parameter[str]):
    if word == "bad":
        raise InputError("bad")
    said.value = word


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def run(workspace, compiled):
    def go(run_id, first="a", last="b", name="p"):
        pipeline = Pipeline(
            pipeline_name=name,
            pipeline_root=str(workspace.artifacts / name),
            components=[First(word=first), Last(word=last)],
            enable_cache=True,
        )
        return run_local(compiled(pipeline, run_id), workspace)

    return go


def test_the_newest_whole_run_is_found(workspace, run):
    run("r1", "a", "b")
    second = run("r2", "c", "d")
    with pytest.raises(InputError):
        run("r3", "e", "bad")
    found = latest_run(workspace, "p", "Last")
    assert found.run_id == "r2"
    assert found.uri("First", "said") == second["First"].uri("said")
    assert latest_run(workspace, "p", "Last", "r1").run_id == "r1"


def test_a_run_of_reused_nodes_is_a_whole_run(workspace, run):
    first = run("r1")
    assert {result.state for result in run("r2").values()} == {"cached"}
    found = latest_run(workspace, "p", "Last")
    assert found.run_id == "r2"
    assert found.uri("Last", "said") == first["Last"].uri("said")


def test_pipelines_are_told_apart(workspace, run):
    run("r1")
    run("r2", name="other")
    assert latest_run(workspace, "p", "Last").run_id == "r1"
    assert latest_run(workspace, "other", "Last").run_id == "r2"


def test_there_is_none(workspace, run):
    with pytest.raises(InputError, match="holds no runs; 'affectflow rebuild' first"):
        latest_run(workspace, "p", "Last")
    run("r1")
    with pytest.raises(InputError, match="no run 'r9' of p in"):
        latest_run(workspace, "p", "Last", "r9")
    with pytest.raises(InputError, match="there is no finished run of q in"):
        latest_run(workspace, "q", "Last")
