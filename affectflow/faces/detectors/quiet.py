"""Silence for native libraries that write to the process's stderr while they start."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from affectflow.memory_file import memory_file

_LOCK = threading.Lock()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Takes file descriptor 2 aside; what was written comes back if the block raises.

    MediaPipe, TensorFlow Lite and TensorFlow log from C++, past Python's sys.stderr, and not all
    of them have a switch. One block at a time: the descriptor belongs to the whole process.
    """
    with _LOCK:
        sys.stderr.flush()
        with memory_file() as aside:
            saved = os.dup(2)
            os.dup2(aside.fileno(), 2)
            try:
                yield
            except BaseException:
                sys.stderr.flush()
                aside.seek(0)
                # The error counts, not whether a full disk takes the words.
                with suppress(OSError):
                    os.write(saved, aside.read())
                raise
            finally:
                sys.stderr.flush()
                os.dup2(saved, 2)
                os.close(saved)
