"""Progress of long work, told by whoever does it and shown by whoever listens.

The library tells (``progress.advance("frames decoded", 30, total=900)``) without knowing of any
console; a command line listens and draws a bar. In a remote worker nobody listens and nothing
happens. Calls may come from several threads.

What is worth a line in a log, such as the end of an epoch, is noted in words (``progress.note``).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, int, "int | None"], None]
_listeners: list[Listener] = []

LOGGER = logging.getLogger(__name__)
"""Of the notes, all of them at INFO."""


def advance(what: str, amount: int = 1, total: int | None = None) -> None:
    """Says that ``amount`` more of ``what`` is done, of ``total`` where that is known."""
    for listener in list(_listeners):
        listener(what, amount, total)


def note(text: str) -> None:
    """Writes a line for whoever follows long work where there is no terminal."""
    LOGGER.info("%s", text)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Has ``listener(what, amount, total)`` hear of all progress in this process."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def time_left(seconds: float) -> str:
    """``40 s``, ``12 min``, ``3 h 20 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
