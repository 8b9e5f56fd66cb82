"""What native libraries write past Python to the process's standard error, led elsewhere."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from affectflow.memory_file import memory_file

_LOCK = threading.Lock()


@contextmanager
def stderr_into(file: int) -> Iterator[int]:
    """Leads file descriptor 2 to another file; gives a descriptor of where it led before.

    The descriptor belongs to the whole process, so one block at a time.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        os.dup2(file, 2)
        yield kept
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Takes standard error aside; what was written comes back if the block raises.

    MediaPipe, TensorFlow Lite and TensorFlow log from C++, past Python's sys.stderr, and not all
    of them have a switch. Threads take turns.
    """
    with _LOCK, memory_file() as aside, stderr_into(aside.fileno()) as kept:
        try:
            yield
        except BaseException:
            sys.stderr.flush()
            aside.seek(0)
            # The error counts, not whether a full disk takes the words.
            with suppress(OSError):
                os.write(kept, aside.read())
            raise
