"""Streams that a run's own words go to: what a full disk does not take of them is lost.

An error of writing a line would else end the run, or hold it for ever: Beam's worker prints an
error to standard error before it answers the runner that waits for it.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO

# A reader that went away is another matter: nobody is told anything any more.
_NOT_A_DISK = (errno.EPIPE, errno.EBADF)


class _Dropping(io.FileIO):
    """A file whose writing never fails for its disk.

    Attributes:
        lost: why something was not written; None where all was.
    """

    lost: OSError | None = None

    def write(self, data: Any) -> int:
        """Writes what can be written, and takes the rest for written, too."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno in _NOT_A_DISK:
                raise
            self.lost = error
            return memoryview(data).nbytes


def log_stream(
    descriptor: int, like: TextIO | None = None, own: bool = False, buffered: bool = True
) -> TextIO:
    """A text stream that writes to a file descriptor what there is room for.

    Args:
        like: the stream to take the encoding of; None = UTF-8.
        own: it closes the descriptor with itself.
        buffered: lines are written whole; False = nothing waits in it for a reader that is gone, to
            fail once more when it is closed.
    """
    raw = _Dropping(descriptor, "wb", closefd=own)
    return io.TextIOWrapper(
        io.BufferedWriter(raw) if buffered else raw,
        encoding=like.encoding if like is not None else "utf-8",
        errors="backslashreplace",
        line_buffering=buffered,
        write_through=not buffered,
    )


def lost_of(stream: TextIO) -> OSError | None:
    """Why a stream of ``log_stream`` lacks something of what was written to it; None = it does not.

    Any other stream lacks nothing, or else its writer was told so.
    """
    with suppress(OSError, ValueError):
        stream.flush()
    held = getattr(stream, "buffer", None)
    raw = getattr(held, "raw", held)
    return raw.lost if isinstance(raw, _Dropping) else None


@contextmanager
def output_is_a_log() -> Iterator[None]:
    """Has standard output lose what its disk does not take, for commands whose result is elsewhere.

    At the end it is said once where something was lost, if all else went well. A stream that leads
    to no file, as a test's, is left as it is.
    """
    kept = sys.stdout
    try:
        descriptor = kept.fileno()
    except (OSError, ValueError, AttributeError):
        yield
        return
    kept.flush()
    sys.stdout = log_stream(descriptor, like=kept)
    try:
        yield
        tell_lost("standard output", sys.stdout)
    finally:
        with suppress(OSError):
            sys.stdout.flush()
        sys.stdout = kept


def tell_lost(name: str | os.PathLike[str], stream: TextIO, told: TextIO | None = None) -> None:
    """Says on standard error, or elsewhere, that a log is not whole, where it is not."""
    if lost := lost_of(stream):
        with suppress(OSError, ValueError):
            print(f"note  {name} lacks lines ({lost.strerror})", file=told or sys.stderr)
