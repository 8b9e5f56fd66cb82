"""Long work told in lines: where there is no terminal to draw a bar in, as in a scheduler's log."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from affectflow import progress
from pipelines.visible import VisibleFormatter

EVERY_S = 60.0
"""A line as often, while something advances."""


@dataclass
class _Counted:
    done: int = 0
    total: int | None = None
    since: float = 0.0


class ProgressLines:
    """A listener of ``affectflow.progress`` that notes how far a node is, once a minute.

    Args:
        node: whose work it is.
        every_s: seconds between two lines; None = ``EVERY_S``.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        node: str,
        every_s: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._node, self._clock = node, clock
        self._every_s = EVERY_S if every_s is None else every_s
        self._counts: dict[str, _Counted] = {}
        self._said = clock()
        self._lock = threading.Lock()

    def advance(self, what: str, amount: int, total: int | None) -> None:
        """Counts, and notes a line when the last one is a minute old."""
        now = self._clock()
        with self._lock:
            count = self._counts.setdefault(what, _Counted(since=now))
            count.done += amount
            count.total = total
            if now - self._said < self._every_s:
                return
            self._said = now
            line = self._line(now)
        progress.note(line)

    def _line(self, now: float) -> str:
        told = "; ".join(_told(what, count, now) for what, count in self._counts.items())
        return f"{self._node}: {told}"


def _told(what: str, count: _Counted, now: float) -> str:
    """``frames decoded 1 200 of 9 000 (40 a second, about 3 min left)``."""
    seconds = now - count.since
    of = f" of {_number(count.total)}" if count.total is not None else ""
    aside = []
    if seconds > 0 and count.done:
        rate = count.done / seconds
        aside.append(f"{rate:.3g} a second" if rate < 10 else f"{_number(round(rate))} a second")
        if count.total is not None and count.total > count.done:
            aside.append(f"about {progress.time_left((count.total - count.done) / rate)} left")
    return f"{what} {_number(count.done)}{of}" + (f" ({', '.join(aside)})" if aside else "")


def _number(value: int) -> str:
    return f"{value:,}".replace(",", " ")


@contextmanager
def told_in_lines(node: str) -> Iterator[None]:
    """Notes the progress of a node for as long as the block lasts."""
    with progress.listening(ProgressLines(node).advance):
        yield


@contextmanager
def notes_to(stream: IO[str]) -> Iterator[None]:
    """Prints what is noted to a stream, a line each with the time of day."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(VisibleFormatter("%(asctime)s %(message)s", "%H:%M:%S"))
    level = progress.LOGGER.level
    progress.LOGGER.addHandler(handler)
    progress.LOGGER.setLevel(logging.INFO)
    try:
        yield
    finally:
        progress.LOGGER.removeHandler(handler)
        progress.LOGGER.setLevel(level)
