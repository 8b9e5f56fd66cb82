"""Writing into the releases folder: one writer at a time, and every file whole or absent."""

from __future__ import annotations

import fcntl
import hashlib
import json
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from affectflow.errors import InputError
from affectflow.files import whole_file

_LONGEST_NAME = 160


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


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Writes a JSON file by way of a temporary one beside it.

    Raises:
        InputError: a value that JSON cannot hold, NaN among them.
    """
    try:
        text = json.dumps(values, indent=1, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{path.name} cannot be written: {error}; plain JSON values would do"
        ) from error
    with whole_file(path, alone=True) as part:
        part.write_text(text + "\n", encoding="utf-8")


def file_name(run_id: str) -> str:
    """A file name for a run id of any characters; different ids give different names.

    Raises:
        InputError: the run id is empty.
    """
    if not run_id:
        raise InputError("run_id is empty; the id of the pipeline run would do")
    # Percent-encoding keeps letters, digits and "_.-~"; a leading dot would make a hidden file.
    name = urllib.parse.quote(run_id, safe="")
    if name.startswith("."):
        name = "%2E" + name[1:]
    if len(name) > _LONGEST_NAME:
        digest = hashlib.sha256(run_id.encode("utf-8")).hexdigest()
        name = f"{name[: _LONGEST_NAME - 65]}~{digest}"
    return name


def now() -> str:
    """The present in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
