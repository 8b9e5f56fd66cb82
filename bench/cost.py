"""What work costs: seconds on the clock, seconds of processors, memory of a tree of processes."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICK = os.sysconf("SC_CLK_TCK")


def seconds(work: Callable[[], object]) -> float:
    """Seconds on the clock that ``work()`` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def cpu_seconds() -> float:
    """Processor seconds, user and system, of this process and of its children that have ended."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def machine_cpu_seconds() -> float:
    """Processor seconds that the whole machine has worked since it started (Linux)."""
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, softirq, steal = (int(field) for field in fields[:8])
    return (user + nice + system + irq + softirq + steal) / _TICK


class OthersMeter:
    """How many processors others kept busy while the block ran.

    On a shared machine the work had only the rest, which a ratio to "all cores" does not know.
    """

    others = 0.0

    def __enter__(self) -> OthersMeter:
        self._since = time.perf_counter(), cpu_seconds(), machine_cpu_seconds()
        return self

    def __exit__(self, *error: object) -> None:
        now = time.perf_counter(), cpu_seconds(), machine_cpu_seconds()
        clock, own, machine = (after - before for after, before in zip(now, self._since))
        self.others = max(0.0, (machine - own) / clock)


def peak_tree_bytes(argv: Sequence[str], cwd: Path, interval_s: float = 0.05) -> int:
    """Runs a command and gives the peak of the resident memory of it and all its descendants.

    Pages that two processes share count twice, on every run alike.

    Raises:
        RuntimeError: the command failed; its last words are in the message.
    """
    with subprocess.Popen(
        argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=2
    ) as process:
        peak = 0
        while process.poll() is None:
            peak = max(peak, _tree_bytes(process.pid))
            time.sleep(interval_s)
    if process.returncode:
        raise RuntimeError(f"{' '.join(argv)} ended with {process.returncode}")
    return peak


def _tree_bytes(root: int) -> int:
    parents, sizes = {}, {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            # The name stands in parentheses and may hold anything; what follows is plain numbers.
            stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:  # it ended meanwhile
            continue
        fields = stat.rpartition(")")[2].split()
        pid = int(folder.name)
        parents[pid], sizes[pid] = int(fields[1]), int(fields[21]) * _PAGE
    return sum(size for pid, size in sizes.items() if _descends(pid, root, parents))


def _descends(pid: int, root: int, parents: dict[int, int]) -> bool:
    while pid not in (0, root):
        pid = parents.get(pid, 0)
    return pid == root
