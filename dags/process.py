"""Runs a node as a process of the worker environment, on the machine of the Airflow task."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowException

from dags.command import run_name
from dags.outcome import conclude, read_result, record_asset
from dags.report import RunReportLink, push_report_link
from dags.settings import REPOSITORY, option_name
from dags.task import NodeTask

# After a timeout Airflow waits for the task, so a node may publish its failure and end its batch.
GRACE_S = 30.0
# When a task is ended from outside, Airflow kills it 5 s after asking, and with it the timer that
# would kill the node.
_KILL_GRACE_S = 4.0
_POLL_S = 0.5
# Airflow's configuration and connections hold secrets, and its Python is another one.
_AIRFLOWS_OWN = ("AIRFLOW_", "_AIRFLOW_")
_PYTHONS_OWN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


def worker_environment(inherited: Mapping[str, str], added: Mapping[str, str]) -> dict[str, str]:
    """The variables that a node sees."""
    kept = {
        name: value
        for name, value in inherited.items()
        if not name.startswith(_AIRFLOWS_OWN) and name not in _PYTHONS_OWN
    }
    return {**kept, "PYTHONUNBUFFERED": "1", **added}


class NodeProcessOperator(BaseOperator):
    """Runs one node and returns what the node runner says of it.

    Args:
        node: the node as a task.
        grace_s: between SIGTERM and SIGKILL when the task has run out of time.
        kill_grace_s: the same when the task is ended from outside; below Airflow's own 5 s.
    """

    operator_extra_links = (RunReportLink(),)
    # No templates: Jinja must not read what a user wrote.
    template_fields = ()

    def __init__(
        self,
        *,
        node: NodeTask,
        grace_s: float = GRACE_S,
        kill_grace_s: float = _KILL_GRACE_S,
        **keywords: Any,
    ):
        super().__init__(**keywords)
        self.node = node
        self.grace_s = grace_s
        self.kill_grace_s = kill_grace_s
        self._process: subprocess.Popen[bytes] | None = None
        self._killed = False

    def execute(self, context: Any) -> dict[str, Any]:
        """Runs the node; see dags.outcome.conclude for what is raised."""
        parameters = self.node.values(context)
        push_report_link(self, context)
        command = self.node.command
        with tempfile.TemporaryDirectory(prefix="affectflow-") as folder:
            result = Path(folder) / "result.json"
            argv = command.argv(
                run_name(command.pipeline, context["run_id"]), parameters, result, os.getpid()
            )
            status = self._run(argv)
            if self._killed:
                raise AirflowException(f"{command.node} was ended from outside")
            outcome = conclude(command.node, status, read_result(result))
        record_asset(context, self.outlets, outcome)
        return outcome

    def on_kill(self) -> None:
        """Asks the node to end, and kills it after the grace time; does not wait.

        Airflow calls this from a signal handler of the thread that is following the node's output.
        """
        process = self._process
        if process is None or process.poll() is not None:
            return
        self._killed = True
        _signal_group(process, signal.SIGTERM)
        timer = threading.Timer(self.kill_grace_s, _signal_group, (process, signal.SIGKILL))
        timer.daemon = True
        timer.start()

    def _run(self, argv: list[str]) -> int:
        try:
            process = subprocess.Popen(
                argv,
                cwd=REPOSITORY,
                env=worker_environment(os.environ, self.node.policy.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a group of its own, to end decoders and workers with it
            )
        except OSError as error:
            raise AirflowException(
                f"worker Python {argv[0]} cannot be run ({error.strerror}): run 'make .venv',"
                f" or set {option_name('worker_python')}"
            ) from error
        assert process.stdout is not None
        self._process = process
        try:
            self._follow(process, process.stdout.fileno())
            return process.wait()
        except BaseException:  # Airflow's timeout is raised wherever this happens to be
            _signal_group(process, signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(self.grace_s)
            raise
        finally:
            # Whatever the node started goes with it, also when the node itself was killed.
            _signal_group(process, signal.SIGKILL)
            process.wait()
            process.stdout.close()

    def _follow(self, process: subprocess.Popen[bytes], pipe: int) -> None:
        # Not until the pipe's end alone: a grandchild that lives on would hold it open.
        rest = b""
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            while True:
                ended = process.poll() is not None
                if selector.select(0 if ended else _POLL_S):
                    chunk = os.read(pipe, 65536)
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in lines:
                        self._log_line(line)
                    if not chunk:
                        break
                elif ended:
                    break
        if rest:
            self._log_line(rest)

    def _log_line(self, line: bytes) -> None:
        self.log.info("%s", line.decode("utf-8", "replace").rstrip("\r"))


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
