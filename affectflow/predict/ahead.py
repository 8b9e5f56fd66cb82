"""Working ahead: an iterator that runs in a thread of its own, a few items before its reader."""

from __future__ import annotations

import atexit
import queue
import threading
from collections.abc import Generator
from typing import TypeVar

Item = TypeVar("Item")
_POLL_S = 0.1
_AT_EXIT_S = 10.0


_working: dict[threading.Thread, threading.Event] = {}


@atexit.register
def _end_all() -> None:
    # A thread that is inside of C++ when Python ends takes the whole process down with it.
    for thread, stop in list(_working.items()):
        stop.set()
        thread.join(_AT_EXIT_S)


class _End:
    """The iterator's end, or the error that ended it."""

    def __init__(self, error: BaseException | None = None):
        self.error = error


def ahead(items: Generator[Item, None, None], depth: int) -> Generator[Item, None, None]:
    """The same items, made in another thread while earlier ones are worked on.

    An error of the generator is raised here, where it would have come up. When the reader stops
    early the generator is closed in its own thread, and that is waited for.

    Args:
        items: used by the other thread alone from now on.
        depth: items that wait for the reader at most.
    """
    made: queue.Queue[Item | _End] = queue.Queue(depth)
    stop = threading.Event()

    def put(item: Item | _End) -> bool:
        while not stop.is_set():
            try:
                made.put(item, timeout=_POLL_S)
                return True
            except queue.Full:
                continue
        return False

    def work() -> None:
        end = _End()
        try:
            for item in items:
                if not put(item):
                    break
        except BaseException as error:
            end = _End(error)
        finally:
            items.close()
        put(end)

    thread = threading.Thread(target=work, name="ahead", daemon=True)
    _working[thread] = stop
    thread.start()
    try:
        while True:
            item = made.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        stop.set()
        thread.join()
        _working.pop(thread, None)
