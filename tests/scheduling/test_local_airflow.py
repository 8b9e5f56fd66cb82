"""Rebuild, release and gate through a real Airflow, and what happens when parts of it are killed.

One Airflow serves all tests of the file, which build on each other's runs in their order.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time

import pytest

from tests.scheduling.airflow_site import (
    CACHED,
    COMPLETE,
    EXECUTIONS,
    RUNNING,
    AirflowSite,
    free_port,
    node_processes,
    wait_for,
)
from tools.local_airflow.site import Site

REBUILD, RELEASE = "demo_rebuild", "demo_release"
REBUILD_NODES = {
    "FramesSchema", "VideoExampleGen", "StatisticsGen", "ExampleValidator", "DensitySampler",
    "Transform",
}  # fmt: skip
# Trained in seconds; what comes of it is no use.
QUICK = {"cnn.epochs": 1, "cnn.steps_per_epoch": 2, "rnn.epochs": 1, "rnn.window": 10}
LENIENT = {"gate.min_ccc_mean": -1, "gate.min_ccc_valence": -1, "gate.min_ccc_arousal": -1}

pytestmark = pytest.mark.timeout(2400)


@pytest.fixture(scope="module")
def airflow(tmp_path_factory):
    root = tmp_path_factory.mktemp("airflow")
    site = AirflowSite(Site(root / "home", root / "workspace", free_port()))
    site.prepare()
    try:
        site.start_all()
        yield site
    finally:
        site.stop_all()


@pytest.fixture(scope="module")
def executions(airflow):
    """executions(dag, run): (node, id, state) of ML Metadata's SQLite file."""

    def read(dag: str, run: str) -> list[tuple[str, int, int]]:
        path = airflow.site.workspace / "metadata.sqlite"
        if not path.exists():
            return []
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30) as database:
            rows = database.execute(EXECUTIONS.format(q='"'), (f"{dag}.{run}",)).fetchall()
        return sorted((name.rpartition(".")[2], number, state) for name, number, state in rows)

    return read


@pytest.fixture(scope="module")
def record(airflow):
    """record(dag, run): what the run was told, as its nodes read it."""

    def read(dag: str, run: str) -> dict:
        from urllib.parse import quote

        folder = airflow.site.workspace / "runs" / quote(f"{dag}.{run}", safe="")
        return json.loads((folder / "run.json").read_text())

    return read


@pytest.fixture(scope="module")
def first(airflow, corpus):
    """A rebuild by hand, to its end."""
    run = airflow.trigger(REBUILD, **{"data": str(corpus), "ingest.shard_frames": 40})
    assert airflow.ended(REBUILD, run) == "success", airflow.tasks(REBUILD, run)
    return run


def test_a_rebuild_by_hand(airflow, first, executions):
    assert airflow.tasks(REBUILD, first) == dict.fromkeys(REBUILD_NODES, "success")
    found = executions(REBUILD, first)
    assert {node for node, _, _ in found} == REBUILD_NODES
    assert len(found) == len(REBUILD_NODES)
    assert {state for _, _, state in found} == {COMPLETE}
    log = airflow.log(REBUILD, first, "VideoExampleGen")
    (number,) = (number for node, number, _ in found if node == "VideoExampleGen")
    assert f"VideoExampleGen: execution {number}, complete" in log
    assert f"/VideoExampleGen/examples/{number}" in log


def test_its_asset_says_what_was_made(airflow, first):
    # Airflow 3.3 cannot list the event while a run that it made has not begun.
    wait_for("a release begun", lambda: [r for r in airflow.runs(RELEASE) if r["start_date"]])
    (event,) = airflow.get("/assets/events")["asset_events"]
    assert event["source_dag_id"] == REBUILD
    assert event["source_run_id"] == first
    extra = event["extra"]
    assert extra["run_id"] == f"{REBUILD}.{first}"
    # 4 people of 70 frames and one video of two of them, which stands for two clips.
    clips = extra["clips"]
    assert (clips["listed"], clips["used"], clips["rejected"]) == (6, 6, {})
    assert clips["duplicates"]["dropped"] == 0
    decoded = sum(split["decoded"] for split in extra["frames"].values())
    assert decoded >= 5 * 70
    assert len(extra["digest"]) == len(extra["corpus_digest"]) == 64


@pytest.fixture(scope="module")
def by_asset(airflow, first):
    """The release that the first rebuild's asset starts, to its end."""
    run = wait_for("a release by asset", lambda: airflow.runs(RELEASE))[0]["dag_run_id"]
    assert airflow.ended(RELEASE, run) == "success", airflow.tasks(RELEASE, run)
    return run


def test_the_asset_starts_a_release_of_that_rebuild(airflow, by_asset, first, record):
    (run,) = airflow.runs(RELEASE)
    assert run["run_type"] == "asset_triggered"
    assert record(RELEASE, by_asset)["data"]["run_id"] == f"{REBUILD}.{first}"


def test_a_refused_release_shows_as_such(airflow, by_asset):
    # The recipe asks for a mean CCC of .4; so few frames do not teach that.
    tasks = airflow.tasks(RELEASE, by_asset)
    assert tasks.pop("Pusher") == "skipped"
    assert set(tasks.values()) == {"success"}
    assert "the gate refused the model: rnn mean CCC" in airflow.log(RELEASE, by_asset, "Pusher")
    releases = airflow.site.workspace / "releases"
    assert [path.name for path in releases.iterdir() if path.is_dir()] == ["refused"]


@pytest.fixture(scope="module")
def by_hand(airflow, by_asset):
    """A release by hand of another network and another gate, to its end."""
    run = airflow.trigger(RELEASE, subset="max_mean", rnn="gru1", **QUICK, **LENIENT)
    assert airflow.ended(RELEASE, run) == "success", airflow.tasks(RELEASE, run)
    return run


def test_a_release_by_hand(airflow, by_hand, executions, record):
    assert set(airflow.tasks(RELEASE, by_hand).values()) == {"success"}
    released = json.loads((airflow.site.workspace / "releases/0001/release.json").read_text())
    assert released["run_id"] == f"{RELEASE}.{by_hand}"
    recipe = json.loads((airflow.site.workspace / "releases/0001/recipe.json").read_text())
    assert recipe["rnn"]["cell"] == "gru1"
    assert recipe["ingest"]["shard_frames"] == 1024
    assert record(RELEASE, by_hand)["request"]["subset"] == "max_mean"
    found = executions(RELEASE, by_hand)
    assert len(found) == 11
    assert {state for _, _, state in found} <= {COMPLETE, CACHED}


def test_a_refusal_turns_the_run_red_when_asked(airflow, by_hand):
    gate = {**LENIENT, "gate.min_ccc_mean": 0.99}
    run = airflow.trigger(RELEASE, rnn="gru1", fail_on_refusal=True, **QUICK, **gate)
    assert airflow.ended(RELEASE, run) == "failed"
    tasks = airflow.tasks(RELEASE, run)
    assert tasks.pop("Pusher") == "failed"
    assert set(tasks.values()) == {"success"}
    # Another try would be refused as well.
    assert airflow.tries(RELEASE, run)["Pusher"] == 1
    assert "below min_ccc_mean 0.9900" in airflow.log(RELEASE, run, "Pusher")


def test_what_will_not_do_is_refused_when_triggered(airflow, first):
    before = len(airflow.runs(RELEASE))
    for conf, named in (
        ({"rnn": "gru9"}, "rnn"),
        ({"cnn.epochs": "many"}, "cnn.epochs"),
        ({"cnn.epochs": 10**9}, "greater than the maximum of 100000"),
        ({"subset": 3}, "subset"),
    ):
        done = airflow.cli("dags", "trigger", RELEASE, "--conf", json.dumps(conf), check=False)
        assert done.returncode != 0, conf
        assert named in done.stdout + done.stderr
    assert len(airflow.runs(RELEASE)) == before


def test_no_value_reaches_a_shell(airflow, first, tmp_path):
    evil = f"$(touch {tmp_path}/a); `touch {tmp_path}/b` '; touch {tmp_path}/c #"
    run = airflow.trigger(RELEASE, rebuild_run=evil)
    assert airflow.ended(RELEASE, run) == "failed"
    # It arrived as it is: there is no rebuild of that name.
    assert "touch" in airflow.log(RELEASE, run, "Frames")
    assert "of demo_rebuild in" in airflow.log(RELEASE, run, "Frames")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def killed(airflow, corpus, executions, by_hand):
    """Two rebuilds at once: a node of the first is killed, the second has to wait."""
    airflow.pause(RELEASE)
    conf = {"data": str(corpus), "faces.size": 96}
    run = airflow.trigger(REBUILD, **conf)
    second = airflow.trigger(REBUILD, **conf)

    def running() -> list[int]:
        states = {node: state for node, _, state in executions(REBUILD, run)}
        return node_processes("StatisticsGen", run) if (
            states.get("StatisticsGen") == RUNNING
        ) else []  # fmt: skip

    (process,) = wait_for("StatisticsGen at work", running)
    assert airflow.state(REBUILD, second) == "queued"
    os.kill(process, signal.SIGKILL)
    return run, second


def test_a_killed_node_is_retried(airflow, killed, executions):
    run, _ = killed
    assert airflow.ended(REBUILD, run) == "success", airflow.tasks(REBUILD, run)
    assert airflow.tries(REBUILD, run)["StatisticsGen"] == 2
    found = executions(REBUILD, run)
    assert sorted(node for node, _, _ in found) == sorted(REBUILD_NODES)
    assert {state for _, _, state in found} <= {COMPLETE, CACHED}


def test_a_rebuild_waits_for_the_one_that_runs(airflow, killed):
    run, second = killed
    first_end = airflow.get(f"/dags/{REBUILD}/dagRuns/{run}")["end_date"]
    began = wait_for(
        "the second rebuild begun",
        lambda: airflow.get(f"/dags/{REBUILD}/dagRuns/{second}")["start_date"],
    )
    assert began >= first_end


def test_a_scheduler_that_is_killed_and_started_again_loses_nothing(airflow, killed, executions):
    _, second = killed
    wait_for("a node of the second rebuild", lambda: node_processes("VideoExampleGen", second))
    airflow.kill("scheduler")
    time.sleep(3)
    airflow.start_scheduler()
    assert airflow.ended(REBUILD, second) == "success", airflow.tasks(REBUILD, second)
    found = executions(REBUILD, second)
    assert sorted(node for node, _, _ in found) == sorted(REBUILD_NODES)
    assert {state for _, _, state in found} <= {COMPLETE, CACHED}


def test_clearing_a_finished_task_changes_nothing_in_ml_metadata(airflow, killed, executions):
    _, run = killed
    before = executions(REBUILD, run)
    tries = airflow.tries(REBUILD, run)["DensitySampler"]
    airflow.clear(REBUILD, run, "DensitySampler")
    wait_for(
        "the cleared task's new try",
        lambda: airflow.tries(REBUILD, run)["DensitySampler"] > tries,
    )
    assert airflow.ended(REBUILD, run) == "success"
    assert executions(REBUILD, run) == before


def test_an_unknown_parameter_starts_nothing(airflow, killed, corpus, executions):
    run = airflow.trigger(REBUILD, data=str(corpus), subst="mean")
    assert airflow.ended(REBUILD, run) == "failed"
    assert "did you mean 'subset'" in airflow.log(REBUILD, run, "VideoExampleGen")
    assert executions(REBUILD, run) == []
