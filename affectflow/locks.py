"""Locks that the operating system takes from the dead: a file that whoever works holds.

A process that is killed holds none any more, so nothing is left to be cleared away.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Holds a lock, whose file and folders are made if absent; others wait.

    Raises:
        OSError: the file cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def held_if_free(path: Path) -> Iterator[bool]:
    """Whether the lock is free and so held while the block runs; its file is there."""
    with open(path, "a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # held; or a file system that has no locks to ask
            yield False
        else:
            yield True


def is_held(path: Path) -> bool:
    """Whether somebody holds a lock alone. Asking takes the lock for an instant, shared."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(file)
    return False
