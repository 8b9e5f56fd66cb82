"""Airflow's components as processes that are ended whole (Linux)."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_SET_PDEATHSIG, _SET_CHILD_SUBREAPER = 1, 36  # <linux/prctl.h>
_LIBC = ctypes.CDLL(None, use_errno=True)
_TASKS_S, _COMPONENTS_S = 15.0, 10.0


@dataclass(frozen=True)
class Component:
    """A running part of Airflow.

    Attributes:
        name: for messages.
        process: leads a session of its own, so that Ctrl-C reaches the launcher alone.
        log: file of its output.
    """

    name: str
    process: subprocess.Popen[bytes]
    log: Path


def adopt_orphans() -> None:
    """Makes this process the parent of every descendant whose own parent ends."""
    _LIBC.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def start(name: str, argv: list[str], environment: Mapping[str, str], log: Path) -> Component:
    """Starts a component; it is asked to end when this process ends, however that comes."""
    with open(log, "ab") as file:
        process = subprocess.Popen(
            argv,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
    return Component(name, process, log)


def stop(scheduler: Component | None) -> None:
    """Ends everything that descends from this process.

    First the scheduler and its tasks, while the web server still takes note of how they end: so
    their tries are retried by the next start, at once. Then all others.
    """
    if scheduler is not None and scheduler.process.poll() is None:
        scheduler.process.terminate()
        # It waits for its running tasks; below its own children, which run one task each, are
        # the tasks.
        deadline = time.monotonic() + _TASKS_S
        asked: set[int] = set()
        while scheduler.process.poll() is None and time.monotonic() < deadline:
            for worker in children(scheduler.process.pid):
                for task in set(children(worker)) - asked:
                    _signal(task, signal.SIGTERM)
                    asked.add(task)
            time.sleep(0.1)
    for number, patience_s in ((signal.SIGTERM, _COMPONENTS_S), (signal.SIGKILL, _COMPONENTS_S)):
        asked = set()
        deadline = time.monotonic() + patience_s
        while (living := _descendants()) and time.monotonic() < deadline:
            for pid in living - asked:
                _signal(pid, number)
                asked.add(pid)
            _reap()
            time.sleep(0.1)


def children(pid: int) -> list[int]:
    """Process ids of a process's children."""
    return [child for child, parent in _parents() if parent == pid]


def _parents() -> Iterator[tuple[int, int]]:
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # pid (name) state ppid ...; the name may hold anything, so count from its end.
            yield int(path.parent.name), int(path.read_text().rpartition(")")[2].split()[1])


def _descendants() -> set[int]:
    by_parent: dict[int, list[int]] = {}
    for child, parent in _parents():
        by_parent.setdefault(parent, []).append(child)
    found: set[int] = set()
    todo = by_parent.get(os.getpid(), [])
    while todo:
        pid = todo.pop()
        found.add(pid)
        todo += by_parent.get(pid, [])
    return found


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _end_with_parent() -> None:
    _LIBC.prctl(_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
