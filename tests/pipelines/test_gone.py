"""Executions whose process is gone are closed; those of processes that are alive are not."""

import subprocess
import sys

import pytest
from ml_metadata.proto import metadata_store_pb2

from bench.recorded import Recorder
from pipelines.gone import REASON, close_gone
from pipelines.metadata_store import metadata_connection
from pipelines.review.states import failure_of
from pipelines.workspace import Workspace, node_lock

RUNNING = metadata_store_pb2.Execution.RUNNING
FAILED = metadata_store_pb2.Execution.FAILED
COMPLETE = metadata_store_pb2.Execution.COMPLETE

# Holds a node of a run, says so, and works until it is killed.
WORKER = """
import sys, time
from pathlib import Path
from pipelines.workspace import Workspace, node_lock
with node_lock(Workspace(Path(sys.argv[1])), sys.argv[2], sys.argv[3]):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def recorder(tmp_path):
    return Recorder(tmp_path / "ws")


@pytest.fixture
def working(recorder):
    """working(run, node) -> a process that works on it"""
    started = []

    def start(run_id, node):
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(recorder.workspace.root), run_id, node],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        assert process.stdout.readline() == "held\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def begin(recorder, run_id, **states):
    """A run with executions in those states; gives their numbers."""
    run = recorder.begin("demo_rebuild", run_id, {"run_id": run_id})
    return [recorder.node(run, node, state) for node, state in states.items()]


def state(recorder, number):
    (execution,) = recorder.store.get_executions_by_id([number])
    return execution.last_known_state, failure_of(execution)


def test_a_process_that_is_alive_keeps_its_execution_until_it_is_gone(recorder, working):
    (number,) = begin(recorder, "demo_rebuild.r1", StatisticsGen=RUNNING)
    process = working("demo_rebuild.r1", "StatisticsGen")
    assert close_gone(recorder.workspace, "demo_rebuild.r2") == 0
    assert state(recorder, number)[0] == RUNNING
    process.kill()
    process.wait()
    assert close_gone(recorder.workspace, "demo_rebuild.r2") == 1
    assert state(recorder, number) == (FAILED, REASON)
    assert close_gone(recorder.workspace, "demo_rebuild.r2") == 0


def test_each_node_has_a_process_of_its_own(recorder, working):
    done, alive, gone = begin(
        recorder, "demo_rebuild.r1",
        FramesSchema=COMPLETE, StatisticsGen=RUNNING, Transform=RUNNING,
    )  # fmt: skip
    working("demo_rebuild.r1", "StatisticsGen")
    working("demo_rebuild.r1", "Transform").kill()
    # The lock is free as soon as the kernel has ended it.
    with node_lock(recorder.workspace, "demo_rebuild.r1", "Transform"):
        pass
    assert close_gone(recorder.workspace, "demo_rebuild.r2") == 1
    assert [state(recorder, number)[0] for number in (done, alive, gone)] == [
        COMPLETE, RUNNING, FAILED,
    ]  # fmt: skip


def test_a_command_s_run_is_gone_once_another_has_the_workspace(recorder):
    (number,) = begin(recorder, "demo_rebuild.r1", Transform=RUNNING)
    assert close_gone(recorder.workspace, "demo_rebuild.r2") == 1
    assert state(recorder, number) == (FAILED, REASON)


def test_a_run_that_goes_on_and_runs_of_other_workspaces_are_left_alone(recorder):
    (own,) = begin(recorder, "demo_rebuild.r1", Transform=RUNNING)
    elsewhere = recorder.begin("demo_rebuild", "demo_rebuild.far", None)
    number = recorder.node(elsewhere, "Transform", RUNNING)
    assert close_gone(recorder.workspace, "demo_rebuild.r1") == 0
    assert state(recorder, own)[0] == state(recorder, number)[0] == RUNNING


def test_a_store_that_stands_elsewhere(tmp_path, monkeypatch):
    workspace = Workspace(tmp_path / "ws")
    monkeypatch.setenv("AFFECTFLOW_METADATA", f"sqlite:///{tmp_path}/elsewhere.sqlite")
    recorder = Recorder(workspace.root, metadata_connection(workspace))
    (number,) = begin(recorder, "demo_rebuild.r1", Transform=RUNNING)
    assert not workspace.metadata.exists()
    assert close_gone(workspace, "demo_rebuild.r2") == 1
    assert state(recorder, number) == (FAILED, REASON)


def test_a_workspace_without_runs(tmp_path):
    assert close_gone(Workspace(tmp_path), "demo_rebuild.r1") == 0
    assert list(tmp_path.iterdir()) == []
