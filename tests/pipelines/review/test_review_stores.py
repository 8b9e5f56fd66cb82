"""Many runs, and runs on a server."""

import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from affectflow.errors import InputError
from bench.recorded import REBUILD, Execution, Recorder
from bench.recorded_runs import rebuild, release
from bench.review import fill
from pipelines.metadata_store import metadata_connection
from pipelines.review.detail import read_run
from pipelines.review.runs import read_runs
from pipelines.review.store import open_store
from pipelines.workspace import Workspace
from tests.scheduling.servers import find_program, postgres

RUNS = 1000


@pytest.fixture
def memory():
    """A folder in memory where there is one: a disk's every transaction takes milliseconds."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        yield Path(folder)


def test_a_thousand_runs(tmp_path, memory):
    workspace = Workspace(tmp_path)
    address = {"AFFECTFLOW_METADATA": f"sqlite:///{memory}/m.sqlite"}
    recorder = Recorder(tmp_path, metadata_connection(workspace, address))
    rebuilt = rebuild(recorder, "demo_rebuild.run0000")
    for index in range(1, RUNS):
        nodes = ("Evaluator", "Pusher")[: 1 + index % 2]
        number = index if index % 4 == 1 else None
        name = f"demo_release.run{index:04d}"
        release(recorder, name, rebuilt, nodes=nodes, ccc=index / RUNS, number=number)
    found = read_runs(workspace, open_store(workspace, environment=address))
    assert [run.run_id[-4:] for run in found] == [f"{index:04d}" for index in range(RUNS)][::-1]
    for run in found[:-1]:
        index = int(run.run_id[-4:])
        assert run.headline.value == index / RUNS
        assert run.state == ("complete" if index % 2 else "interrupted")
        assert run.release == (index if index % 4 == 1 else None)
        assert run.verdict == ("blessed" if index % 4 == 1 else "refused")
    few = read_runs(workspace, open_store(workspace, environment=address), 30, state="interrupted")
    assert len(few) == 30
    assert {run.state for run in few} == {"interrupted"}
    assert few[0].run_id == "demo_release.run0998"


# Changes pages of the database itself before it is killed: a cache of one page takes no more.
KILLED = """
import os, signal, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("PRAGMA cache_size = 1")
database.execute("BEGIN IMMEDIATE")
database.execute("UPDATE Execution SET last_known_state = 5")
database.execute("CREATE TABLE half_written AS SELECT * FROM ExecutionProperty")
database.execute("DELETE FROM ExecutionProperty")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_writer_that_was_killed_half_way(tmp_path):
    workspace = Workspace(tmp_path)
    recorder = Recorder(workspace.root, metadata_connection(workspace, {}))
    fill(recorder, 3, videos=3)
    before = read_runs(workspace, open_store(workspace, environment={}))
    subprocess.run([sys.executable, "-c", KILLED, str(workspace.metadata)], check=False)
    journal = workspace.metadata.with_name(f"{workspace.metadata.name}-journal")
    assert journal.stat().st_size > 0
    assert read_runs(workspace, open_store(workspace, environment={})) == before
    assert not journal.exists()


def test_who_may_not_take_back_a_half_written_change_is_told_who_may(tmp_path, monkeypatch):
    workspace = Workspace(tmp_path)
    recorder = Recorder(workspace.root, metadata_connection(workspace, {}))
    fill(recorder, 1, videos=3)
    workspace.metadata.with_name(f"{workspace.metadata.name}-journal").touch()

    def refused(*_, **__):
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(sqlite3, "connect", refused)
    with pytest.raises(InputError, match=r"cannot be read yet .*-journal says.*may write there"):
        open_store(workspace, environment={})


@pytest.mark.skipif(find_program("initdb") is None, reason="no PostgreSQL: apt-get install it")
def test_postgresql(tmp_path):
    workspace = Workspace(tmp_path / "ws")
    with postgres(["mlmd"]) as server:
        address = {
            "AFFECTFLOW_METADATA": server.url("mlmd", password=False),
            "AFFECTFLOW_METADATA_PASSWORD": server.passwords["mlmd"],
        }
        recorder = Recorder(workspace.root, metadata_connection(workspace, address))
        fill(recorder, 12, videos=3)
        rebuild(recorder, "demo_rebuild.last", nodes=REBUILD[:2], last_state=Execution.FAILED)
        store = open_store(workspace, environment=address)
        found = read_runs(workspace, store)
        assert [run.state for run in found] == ["failed"] + ["complete"] * 12
        assert [run.release for run in found if run.release] == [11, 9, 7, 5, 3, 1]
        detail = read_run(workspace, store, "demo_release.run0003")
        made = {a.made_by for node in detail.nodes for a in node.outputs}
        assert made == {"demo_rebuild.run0000", "demo_release.run0003"}
        # By an option, as well as by the environment.
        named = open_store(workspace, address["AFFECTFLOW_METADATA"], address)
        assert len(read_runs(workspace, named)) == 13


def test_all_at_once_is_as_one_by_one(tmp_path, memory):
    workspace = Workspace(tmp_path)
    address = {"AFFECTFLOW_METADATA": f"sqlite:///{memory}/m.sqlite"}
    recorder = Recorder(tmp_path, metadata_connection(workspace, address))
    fill(recorder, 130, videos=1)
    rebuild(recorder, "demo_rebuild.half", nodes=REBUILD[:4])
    rebuild(recorder, "demo_rebuild.unlabelled", nodes=REBUILD[:4], labels=False)
    store = open_store(workspace, environment=address)
    assert len(store.executions_of({"Pusher"})) == 117
    together = read_runs(workspace, store)
    assert [run.state for run in together[:3]] == ["complete", "interrupted", "complete"]
    assert read_runs(workspace, store, 40) == together[:40]
