"""Progress of long work, told by whoever does it and shown by whoever listens.

The library tells (``progress.advance("frames decoded", 30, total=900)``) without knowing of any
console; a command line listens and draws a bar. In a remote worker nobody listens and nothing
happens. Calls may come from several threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, int, "int | None"], None]
_listeners: list[Listener] = []


def advance(what: str, amount: int = 1, total: int | None = None) -> None:
    """Says that ``amount`` more of ``what`` is done, of ``total`` where that is known."""
    for listener in list(_listeners):
        listener(what, amount, total)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Has ``listener(what, amount, total)`` hear of all progress in this process."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
