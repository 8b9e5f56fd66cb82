"""Reading a process's output without ever waiting for it too long."""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Iterator

LOOK_EVERY_S = 0.2
"""How often a wait looks up to see whether it was told to stop, seconds."""


class Pipe:
    """Bytes from a process, none of them waited for longer than ``stall_s``.

    Once ``stop`` is set, what has to be waited for counts as the end of the stream.

    Args:
        fd: the reading end; made non-blocking.
        stall_s: seconds.
        stop: may be set from another thread.
    """

    def __init__(self, fd: int, stall_s: float, stop: threading.Event | None = None):
        self.fd, self.stall_s, self.stop = fd, stall_s, stop
        os.set_blocking(fd, False)
        self.poll = select.poll()
        self.poll.register(fd, select.POLLIN | select.POLLHUP | select.POLLERR)

    def read_into(self, view: memoryview) -> int:
        """Fills ``view``; returns how many bytes came before the end of the stream.

        Raises:
            TimeoutError: nothing came within ``stall_s``.
        """
        got = 0
        while got < len(view):
            count = self._read(view[got:])
            if not count:
                break
            got += count
        return got

    def read_some(self, size: int = 65_536) -> bytes:
        """Up to ``size`` bytes, as soon as there are any; none at the end of the stream.

        Raises:
            As :meth:`read_into`.
        """
        room = bytearray(size)
        return bytes(room[: self._read(memoryview(room))])

    def lines(self) -> Iterator[str]:
        """Lines of text until the end of the stream, without what ends them.

        Raises:
            As :meth:`read_into`.
        """
        left = b""
        while part := self.read_some():
            *whole, left = (left + part).split(b"\n")
            for line in whole:
                yield line.decode("utf-8", "replace")

    def _read(self, view: memoryview) -> int:
        while True:
            try:
                return os.readv(self.fd, [view])
            except BlockingIOError:
                if not self._wait():
                    return 0

    def _wait(self) -> bool:
        """Waits for bytes, or the end of the stream; False when told to stop."""
        deadline = time.monotonic() + self.stall_s
        while self.stop is None or not self.stop.is_set():
            left = deadline - time.monotonic()
            if self.poll.poll(1000 * max(0.0, min(left, LOOK_EVERY_S))):
                return True
            if left <= 0:
                raise TimeoutError
        return False
