import os

import pytest

from bench.recorded import REBUILD, Execution
from bench.recorded_runs import rebuild
from pipelines.workspace import node_lock, workspace_lock


@pytest.fixture
def half_done(recorder):
    """Two runs whose last node is recorded as running."""
    for name in ("demo_rebuild.r1", "demo_rebuild.r2"):
        rebuild(recorder, name, nodes=REBUILD[:3], last_state=Execution.RUNNING)


def states(rows):
    return {run.run_id[-2:]: run.state for run in rows}


def test_the_command_that_holds_the_workspace_works_on_its_newest_run(recorder, half_done, listed):
    with workspace_lock(recorder.workspace):
        assert states(listed()) == {"r1": "interrupted", "r2": "running"}
        assert listed(1)[0].ended is None
    assert states(listed()) == {"r1": "interrupted", "r2": "interrupted"}


def test_a_scheduler_s_node_holds_its_run(recorder, half_done, listed):
    place = recorder.workspace
    with workspace_lock(place, shared=True), node_lock(place, "demo_rebuild.r1", "StatisticsGen"):
        assert states(listed()) == {"r1": "running", "r2": "interrupted"}
    assert states(listed()) == {"r1": "interrupted", "r2": "interrupted"}
    # A run of a scheduler is not the one that a later command works on.
    with workspace_lock(place):
        assert states(listed()) == {"r1": "interrupted", "r2": "running"}


def test_a_run_between_two_nodes_runs(recorder, listed):
    rebuild(recorder, "demo_rebuild.r1", nodes=REBUILD[:3])
    with workspace_lock(recorder.workspace):
        assert states(listed()) == {"r1": "running"}


def test_a_failed_node_beside_one_that_works(recorder, listed):
    run = rebuild(recorder, "demo_rebuild.r1", nodes=REBUILD[:3], last_state=Execution.FAILED)
    recorder.node(run, "ExampleValidator", Execution.RUNNING)
    with node_lock(recorder.workspace, "demo_rebuild.r1", "ExampleValidator"):
        assert states(listed()) == {"r1": "running"}
    assert states(listed()) == {"r1": "failed"}


def test_looking_leaves_the_workspace_as_it_was(recorder, half_done, listed):
    def everything():
        root = recorder.workspace.root
        return {path: os.stat(path).st_mtime_ns for path in [root, *root.rglob("*")]}

    before = everything()
    listed()
    assert everything() == before
