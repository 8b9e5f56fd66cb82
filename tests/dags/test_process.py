"""The operator with real processes: a script stands in for the worker's Python."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from airflow.sdk import Asset
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    AirflowTaskTimeout,
)
from airflow.sdk.execution_time.timeout import timeout

from dags.process import worker_environment
from dags.render import render
from dags.settings import read_settings
from tests.dags.toy import REPOSITORY, context_of, read, rebuild, release

PATIENCE_S = 20.0


@pytest.fixture
def run(tmp_path, worker):
    """Runs a node of the toy rebuild with `data` as given."""

    def execute(data="/d", node="VideoExampleGen", content=None):
        task, context = prepare(data, node, content)
        return task.execute(context), context

    def prepare(data="/d", node="VideoExampleGen", content=None):
        settings = read_settings({"workspace": "/ws", "worker_python": str(worker.python)})
        dag = render(read(tmp_path, content or rebuild()), settings)
        text = data if isinstance(data, str) else json.dumps(data)
        return dag.get_task(node), context_of(dag, {} if content else {"data": text})

    execute.prepare = prepare
    return execute


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def until(what) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_node_that_is_done_returns_what_its_runner_says(run, worker):
    result, context = run()
    assert result["state"] == "complete"
    assert result["run_id"] == "toy_rebuild.manual__2026-01-02T03:04:05+00:00"
    [call] = worker.calls
    assert call["cwd"] == str(REPOSITORY)
    assert call["stdin"] == ""
    assert call["argv"][call["argv"].index("--parent-pid") + 1] == str(os.getpid())
    # The button works while the node runs.
    assert context["ti"].xcoms["_link_RunReportLink"].startswith("/affectflow/reports/toy_rebuild/")


@pytest.mark.parametrize(
    "value", ["$(touch x); `touch x`", "{{ 1 + 1 }} {% raw %}", "a\nb", "é\x00", "--node Other"]
)
def test_a_value_arrives_verbatim_and_is_obeyed_by_nobody(run, worker, value):
    before = set(REPOSITORY.iterdir())
    run(value)
    argv = worker.calls[0]["argv"]
    assert json.loads(argv[argv.index("--parameters") + 1])["data"] == value
    assert set(REPOSITORY.iterdir()) - before == set()


def test_its_lines_are_in_the_tasks_log(run, capfd):
    run()
    logged = capfd.readouterr().out
    assert "a line of VideoExampleGen" in logged
    assert "a stray byte: \N{REPLACEMENT CHARACTER}" in logged


def test_airflows_secrets_stay_with_airflow(run, worker, monkeypatch):
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://u:hidden@h/db")
    monkeypatch.setenv("AIRFLOW_CONN_X", "http://u:hidden@h")
    monkeypatch.setenv("_AIRFLOW_PARSING_CONTEXT_DAG_ID", "d")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("AFFECTFLOW_METADATA_PASSWORD", "for the node")
    run()
    environment = worker.calls[0]["environment"]
    assert "hidden" not in json.dumps(environment)
    assert not [name for name in environment if "AIRFLOW_" in name]
    assert "PYTHONPATH" not in environment
    assert environment["AFFECTFLOW_METADATA_PASSWORD"] == "for the node"
    assert environment["CUDA_VISIBLE_DEVICES"] == "-1"


def test_a_gpu_node_sees_the_gpus_that_it_was_given(run, worker):
    assert worker_environment({"CUDA_VISIBLE_DEVICES": "2"}, {})["CUDA_VISIBLE_DEVICES"] == "2"
    run(node="CnnTrainer", content=release())
    assert worker.calls[0]["environment"].get("CUDA_VISIBLE_DEVICES") == os.environ.get(
        "CUDA_VISIBLE_DEVICES"
    )


@pytest.mark.parametrize(
    ("wish", "error", "message"),
    [
        ({"status": 99, "result": {"reason": "refused"}}, AirflowSkipException, "refused"),
        ({"status": 1, "result": {"reason": "lost"}}, AirflowException, "lost"),
        (
            {"status": 1, "result": {"reason": "bad", "retry": False}},
            AirflowFailException,
            "bad",
        ),
        ({"exit": 1}, AirflowException, "gave no reason"),
        ({"exit": 0}, AirflowException, "left no result"),
        ({"kill": 9}, AirflowException, "signal 9"),
    ],
)
def test_other_ends(run, wish, error, message):
    with pytest.raises(error) as caught:
        run(wish)
    assert type(caught.value) is error
    assert message in str(caught.value)


def test_an_unknown_name_starts_nothing(run, worker):
    task, context = run.prepare()
    context["dag_run"].conf["subst"] = "max"
    with pytest.raises(AirflowFailException, match="did you mean 'subset'"):
        task.execute(context)
    assert worker.calls == []


def test_a_worker_python_that_is_not_there_is_named(run, worker):
    worker.python.unlink()
    with pytest.raises(AirflowException, match=r"make \.venv.*affectflow\.worker_python"):
        run()


def test_what_a_node_started_ends_with_it(run, worker):
    # It holds the node's output open, too: waiting for its end would take ten minutes.
    run({"child": 1})
    child = int((worker.folder / "child").read_text())
    until(lambda: not is_running(child))


def test_a_killed_node_takes_its_children_with_it(run, worker):
    with pytest.raises(AirflowException, match="signal 9"):
        run({"child": 1, "kill": 9})
    child = int((worker.folder / "child").read_text())
    until(lambda: not is_running(child))


@pytest.mark.parametrize("deaf", [False, True])
def test_a_task_that_is_ended_ends_its_node(run, worker, deaf):
    task, context = run.prepare({"started": 1, "child": 1, "sleep": 600, "deaf": deaf})
    task.kill_grace_s = 0.5

    def end_it():
        until((worker.folder / "started").exists)
        task.on_kill()  # as Airflow does from its handler of SIGTERM

    ending = threading.Thread(target=end_it)
    ending.start()
    with pytest.raises(AirflowException, match="ended from outside"):
        task.execute(context)
    ending.join()
    assert not is_running(worker.calls[0]["pid"])
    child = int((worker.folder / "child").read_text())
    until(lambda: not is_running(child))


def test_the_kill_comes_before_airflow_kills_the_task(run):
    # airflow.sdk.execution_time.supervisor: kill(..., escalation_delay=5.0)
    assert run.prepare()[0].kill_grace_s < 5.0


@pytest.mark.parametrize("deaf", [False, True])
def test_a_timeout_ends_the_node(run, worker, deaf):
    task, context = run.prepare({"started": 1, "sleep": 600, "deaf": deaf})
    task.grace_s = 0.5
    # Airflow's own timeout, by which it runs execute.
    with pytest.raises(AirflowTaskTimeout), timeout(2):
        task.execute(context)
    assert (worker.folder / "started").exists()
    assert not is_running(worker.calls[0]["pid"])
    task.on_kill()  # Airflow calls it then: there is nothing left to end
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_the_assets_event_carries_what_the_producer_says(run):
    said = {"run_id": "toy_rebuild.r", "digest": "d", "counts": {"train": 3}}
    _, context = run({"result": {"extra": said}}, node="Transform")
    assert context["outlet_events"][Asset("toy_balanced_frames")].extra == said
    _, context = run({"result": {"extra": said}}, node="VideoExampleGen")
    assert context["outlet_events"] == {}


def test_the_policy_is_the_tasks(run):
    task, _ = run.prepare()
    assert task.execution_timeout == timedelta(hours=24)
    assert task.retry_exponential_backoff
