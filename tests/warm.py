"""Commands and nodes that start at once: forked of a process that has imported all.

    python -m tests.warm PIPELINES...

An interpreter and TFX take ten seconds to start, in which they touch nothing: a campaign of many
runs does not have them, and to be killed then tells nothing. From there on a child is the command
or the node runner itself, in a group of its own as Airflow's worker starts it. Its parent has run
nothing: no thread of Python's, no TensorFlow runtime, no connection.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

PROJECT = Path(__file__).resolve().parents[1]
NODE, COMMAND = "pipelines.run_node", "pipelines.cli"
_POLL_S = 0.02


@dataclass(frozen=True)
class Ended:
    """How a child ended.

    Attributes:
        status: exit status; negative for a signal.
        seconds: that it lived.
        took: that it took to end after the signal that it was sent; None = it had ended by itself.
    """

    status: int
    seconds: float
    took: float | None = None


class Warm:
    """The process of children, as its user sees it; one child at a time.

    Args:
        pipelines: names of those whose nodes are to start at once.
        log: file for what the process itself prints, and children that are not told where to.
        environment: of the children, beside this process's own.
    """

    def __init__(self, pipelines: Sequence[str], log: Path, environment: Mapping[str, str]):
        self._log = log
        with log.open("ab") as out:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "tests.warm", *pipelines],
                cwd=PROJECT, env={**os.environ, **environment},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=out,
            )  # fmt: skip
        assert self.told() == "ready"

    @property
    def pid(self) -> int:
        """The parent of all children."""
        return self._server.pid

    def start(
        self, module: str, argv: Sequence[object], out: Path | None = None, err: Path | None = None
    ) -> Child:
        """Starts ``main()`` of a module.

        Args:
            module: ``NODE`` or ``COMMAND``.
            argv: what follows the program's name.
            out, err: files for what it prints, which is added to them.
        """
        began = time.monotonic()
        files = [str(path or self._log) for path in (out, err)]
        job = {"module": module, "argv": [str(word) for word in argv], "files": files}
        self._server.stdin.write(json.dumps(job).encode() + b"\n")
        self._server.stdin.flush()
        return Child(self, began, int(self.told()))

    def close(self) -> None:
        """Ends the process, whose children have ended."""
        self._server.stdin.close()
        assert self._server.wait(60) == 0
        self._server.stdout.close()

    def told(self) -> str:
        """The next line that the process says."""
        # Unbuffered, so that nothing is out of the selector's sight.
        line = b""
        while not line.endswith(b"\n"):
            byte = os.read(self._server.stdout.fileno(), 1)
            assert byte, f"the warm process has ended, see {self._log}"
            line += byte
        return line.decode().strip()

    def tells_within(self, seconds: float) -> bool:
        """Whether there is such a line before so much time has passed."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._server.stdout, selectors.EVENT_READ)
            return bool(selector.select(max(seconds, 0)))


class Child:
    """A command or node that runs."""

    def __init__(self, warm: Warm, began: float, pid: int):
        self._warm, self._began, self._pid = warm, began, pid

    def wait(self) -> Ended:
        """Waits for its end."""
        status = int(self._warm.told())
        seconds = time.monotonic() - self._began
        # As the worker does: what it has started goes with it.
        self._send(signal.SIGKILL)
        return Ended(status, seconds)

    def kill_after(self, seconds: float, number: int, patience_s: float) -> Ended:
        """Sends its group a signal so long after its start, unless it ends before.

        Raises:
            AssertionError: it goes on for longer than the patience after the signal.
        """
        if self._warm.tells_within(self._began + seconds - time.monotonic()):
            return self.wait()
        self._send(number)
        sent = time.monotonic()
        patient = self._warm.tells_within(patience_s)
        if not patient:
            self._send(signal.SIGKILL)
        took = time.monotonic() - sent
        ended = self.wait()
        assert patient, f"it went on for {patience_s} s after signal {number}"
        # One that was about to end by itself may be faster than its signal.
        return ended if ended.status == 0 else Ended(ended.status, ended.seconds, took)

    def kill_when(self, said: str, out: Path, limit_s: float) -> Ended:
        """Waits for its end, and kills it once it has said something, or takes too long.

        Args:
            said: to be found in what it printed; empty: it is let go on.
            out: where it prints.
            limit_s: that it may live.
        """
        while not self._warm.tells_within(_POLL_S):
            late = time.monotonic() - self._began > limit_s
            if late or (said and said in out.read_text(errors="replace")):
                self._send(signal.SIGKILL)
                break
        return self.wait()

    def _send(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._pid, number)


def import_all(pipelines: Sequence[str]) -> None:
    """All that commands, the runner and the nodes import by and by."""
    from pipelines.lean_imports import lean_imports  # isort: skip

    lean_imports()
    from pipelines.sdk import launcher  # noqa: F401  isort: skip (before all else of TFX)

    from affectflow.corpora.adapter import adapter_names
    from pipelines import cli, gone, hardware, node, report, run, run_node  # noqa: F401
    from pipelines.compiled import load_compiled
    from pipelines.node_code import code_of, executor_class
    from pipelines.recipe import all_recipes
    from pipelines.review import pages, site  # noqa: F401
    from pipelines.review.page import crops  # noqa: F401

    adapter_names()
    all_recipes()
    names: set[str] = set()
    for name in pipelines:
        ir = load_compiled(name).ir
        for wrapped in ir.nodes:
            found = wrapped.pipeline_node.node_info.id
            executor, code = executor_class(ir, found), code_of(ir, found)
            if executor is not None:
                names.add(executor.rpartition(".")[0])
            if code is not None:
                names |= {*code.modules, *code.foreign}
    for name in sorted(names):
        # Of what code may import for other runners or machines some is not installed.
        with suppress(ImportError):
            importlib.import_module(name)


def _serve() -> dict[str, Any] | None:
    """Gives a child its job; None where there are no more."""
    out = os.dup(1)
    for line in sys.stdin.buffer:
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            os.close(out)
            return json.loads(line)
        # By both, as a shell does it: whoever comes first.
        with suppress(PermissionError):
            os.setpgid(child, child)
        os.write(out, b"%d\n" % child)
        _, status = os.waitpid(child, 0)
        os.write(out, b"%d\n" % os.waitstatus_to_exitcode(status))
    return None


def _run(job: dict[str, Any]) -> NoReturn:
    """Is what the job names, from its standard streams to its exit status."""
    from pipelines.quiet import ready_streams

    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    for number, name, flags in (
        (0, os.devnull, os.O_RDONLY), (1, job["files"][0], append), (2, job["files"][1], append),
    ):  # fmt: skip
        opened = os.open(name, flags)
        os.dup2(opened, number)
        os.close(opened)
    module = sys.modules[job["module"]]
    if job["module"] == NODE:
        ready_streams()  # as its command line does
    sys.argv = [module.__name__, *job["argv"]]
    try:
        status = module.main() or 0
    except SystemExit as ended:
        status = ended.code or 0
    # As Python exits, but for taking down what was imported, which copies the parent's memory.
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    import_all(sys.argv[1:])
    assert threading.active_count() == 1, threading.enumerate()
    # Or the collector of each child would copy the parent's memory.
    gc.collect()
    gc.freeze()
    os.write(1, b"ready\n")
    to_do = _serve()
    if to_do is not None:
        _run(to_do)
