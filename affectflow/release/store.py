"""Writing into the releases folder: one writer at a time, and every file whole or absent."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from affectflow.errors import InputError


@contextmanager
def only_writer(releases: Path) -> Iterator[None]:
    """Holds the lock of a releases folder, which is made if absent; others wait.

    Raises:
        InputError: the folder cannot be made or written.
    """
    with _writing(releases):
        releases.mkdir(parents=True, exist_ok=True)
        lock = (releases / ".lock").open("a")
    with lock:
        # Released by the kernel when the process ends, however it ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _writing(releases):
            yield


@contextmanager
def _writing(releases: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"releases folder {str(releases)!r} cannot be written: {error.strerror or error}; "
            "a writable folder with enough free space would do"
        ) from error


def now() -> str:
    """The present in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
