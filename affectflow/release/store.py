"""Writing into the releases folder: one writer at a time, and every file whole or absent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from affectflow.errors import InputError
from affectflow.locks import held


@contextmanager
def only_writer(releases: Path) -> Iterator[None]:
    """Holds the lock of a releases folder, which is made if absent; others wait.

    Raises:
        InputError: the folder cannot be made or written.
    """
    with ExitStack() as lock:
        with _writing(releases):
            lock.enter_context(held(releases / ".lock"))
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
