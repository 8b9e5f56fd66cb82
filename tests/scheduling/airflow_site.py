"""A real Airflow for tests: its components as processes, which a test may kill and start again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from dags.policy import POOLS
from tools.local_airflow.api import Api, healthy
from tools.local_airflow.site import AIRFLOW, HOST, Site

PROJECT = Path(__file__).resolve().parents[2]
ENDED = ("success", "failed")


def free_port() -> int:
    """A port of the loopback interface that nobody has."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


# A server that is beside tests on two cores takes minutes for what takes seconds alone.
PATIENCE_S = 900.0


def wait_for(
    what: str | Callable[[], str], found: Callable[[], Any], patience_s: float = PATIENCE_S
) -> Any:
    """The first true value that ``found()`` gives; ``what`` may tell how things stand."""
    deadline = time.monotonic() + patience_s
    while not (value := found()):
        if time.monotonic() > deadline:
            told = what if isinstance(what, str) else what()
            raise AssertionError(f"{told}: not within {patience_s:.0f} s")
        time.sleep(0.5)
    return value


@dataclass
class AirflowSite:
    """An Airflow under test.

    Attributes:
        site: where it is.
        extra: environment beyond that of ``make airflow``: another executor, another database.
    """

    site: Site
    extra: Mapping[str, str] = field(default_factory=dict)
    components: dict[str, subprocess.Popen] = field(default_factory=dict)
    killed: list[int] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {**self.site.variables(os.environ), **self.extra}

    def cli(
        self, *arguments: str, check: bool = True, said: str = ""
    ) -> subprocess.CompletedProcess:
        """``airflow ARGUMENTS``, and what it is answered where it asks."""
        # A session of its own has no terminal: it asks standard input instead.
        done = subprocess.run(
            [AIRFLOW, *arguments], env=self.environment, capture_output=True, text=True,
            timeout=240, input=said, start_new_session=True,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def prepare(self) -> None:
        for folder in (self.site.home, self.site.workspace, self.site.logs):
            folder.mkdir(parents=True, exist_ok=True)
        self.site.password()
        self.site.save()
        self.cli("db", "migrate")

    def start(self, name: str, *command: str, **environment: str) -> None:
        """Starts a component under a name, e.g. ``scheduler``."""
        with open(self.site.logs / f"{name}.log", "ab") as log:
            self.components[name] = subprocess.Popen(
                [AIRFLOW, *(command or (name,))],
                env={**self.environment, **environment},
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def kill(self, name: str) -> None:
        """SIGKILL, to that process alone: what it started lives on, as on a real machine."""
        process = self.components.pop(name)
        process.kill()
        process.wait()
        self.killed.append(process.pid)

    def start_scheduler(self) -> None:
        # Its log server would listen on every interface.
        self.start("scheduler", "scheduler", "--skip-serve-logs")

    def start_all(self) -> None:
        self.start("api-server", "api-server", "--host", HOST, "--port", str(self.site.port),
                   "--workers", "1")  # fmt: skip
        self.start_scheduler()
        self.start("dag-processor")
        self.start("triggerer", "triggerer", "--skip-serve-logs")
        wait_for("healthy components", lambda: healthy(self.site))
        for pool in POOLS:
            self.cli("pools", "set", pool.name, str(pool.slots), pool.description)
        wait_for("parsed DAGs", lambda: len(self.get("/dags")["dags"]) >= 4)
        assert self.get("/importErrors")["import_errors"] == []

    def stop_all(self) -> None:
        for group in self.killed:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        for number in (signal.SIGTERM, signal.SIGKILL):
            for process in self.components.values():
                if process.poll() is None:
                    os.killpg(process.pid, number)
            deadline = time.monotonic() + 15
            while time.monotonic() < deadline and any(
                process.poll() is None for process in self.components.values()
            ):
                time.sleep(0.2)

    # What its web server says.

    @cached_property
    def api(self) -> Api:
        return Api(self.site)

    def get(self, path: str, **query: Any) -> Any:
        return self.api.call("GET", f"/api/v2{path}?{urlencode(query)}")

    def pause(self, dag: str, paused: bool = True) -> None:
        self.api.call("PATCH", f"/api/v2/dags/{dag}", {"is_paused": paused})

    def clear(self, dag: str, run: str, task: str) -> None:
        """As the button does: this task of this run alone."""
        body = {
            "dry_run": False, "dag_run_id": run, "task_ids": [task], "only_failed": False,
            "include_downstream": False, "reset_dag_runs": True,
        }  # fmt: skip
        self.api.call("POST", f"/api/v2/dags/{dag}/clearTaskInstances", body)

    def trigger(self, dag: str, **conf: Any) -> str:
        """``airflow dags trigger``; gives the run's id."""
        done = self.cli("dags", "trigger", dag, "--conf", json.dumps(conf), "-o", "json")
        # Warnings of Airflow's own may stand before it.
        (line,) = (line for line in done.stdout.splitlines() if line.startswith("[{"))
        return str(json.loads(line)[0]["dag_run_id"])

    def state(self, dag: str, run: str) -> str:
        return str(self.get(f"/dags/{dag}/dagRuns/{run}")["state"])

    def runs(self, dag: str) -> list[dict[str, Any]]:
        return list(self.get(f"/dags/{dag}/dagRuns", order_by="run_after")["dag_runs"])

    def ended(self, dag: str, run: str, patience_s: float = 2 * PATIENCE_S) -> str:
        """Waits for the run's end; gives its state."""
        return str(
            wait_for(
                lambda: f"{dag} {run} ended; now {self.tasks(dag, run)}",
                lambda: (state := self.state(dag, run)) in ENDED and state,
                patience_s,
            )
        )

    def tasks(self, dag: str, run: str) -> dict[str, str | None]:
        """State by task id."""
        return {task["task_id"]: task["state"] for task in self.instances(dag, run)}

    def instances(self, dag: str, run: str) -> list[dict[str, Any]]:
        return list(self.get(f"/dags/{dag}/dagRuns/{run}/taskInstances")["task_instances"])

    def tries(self, dag: str, run: str) -> dict[str, int]:
        return {task["task_id"]: task["try_number"] for task in self.instances(dag, run)}

    def log(self, dag: str, run: str, task: str, number: int = 1) -> str:
        return json.dumps(self.get(f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/{number}"))


def node_processes(node: str, run: str = "") -> list[int]:
    """Process ids of the node runner for a node, of a run if given."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            argv = path.read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        if "pipelines.run_node" in argv and node in argv and any(run in text for text in argv):
            found.append(int(path.parent.name))
    return found


EXECUTIONS = """
SELECT node.name, execution.id, execution.last_known_state
FROM {q}Execution{q} AS execution
JOIN {q}Association{q} AS in_run ON in_run.execution_id = execution.id
JOIN {q}Context{q} AS run ON run.id = in_run.context_id
JOIN {q}Association{q} AS of_node ON of_node.execution_id = execution.id
JOIN {q}Context{q} AS node ON node.id = of_node.context_id
JOIN {q}Type{q} AS kind ON kind.id = node.type_id
WHERE run.name = ? AND kind.name = 'node'
"""
"""What ML Metadata's own tables have of a run, read with nothing of the project."""

RUNNING, COMPLETE, CACHED = 2, 3, 5
