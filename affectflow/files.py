"""Files that appear whole or not at all, and what they may be called."""

from __future__ import annotations

import atexit
import glob
import hashlib
import json
import os
import threading
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from affectflow.errors import InputError

# Of the 255 bytes that a name may have: the rest is for the thread's number and the ending.
_LONGEST = 200
_PART = ".part"
_LONGEST_ID = 160

_open: dict[Path, Callable[[], None]] = {}
"""Files that this process is writing -> what ends that and removes them."""
os.register_at_fork(after_in_child=_open.clear)
_ending = False


@atexit.register
def _remove_open() -> None:
    # A signal unwinds the main thread alone. Threads, such as those of a Beam job, are where they
    # were when Python ends, with their files half-written.
    global _ending
    _ending = True
    for remove in list(_open.values()):
        with suppress(OSError):
            remove()


def part_of(target: Path) -> Path:
    """Where ``target`` is written until it is whole: beside it, hidden, of this thread alone."""
    number = threading.get_native_id()  # in a process's main thread, the process's
    return target.with_name(f".{shortened(target.name, _LONGEST)}.{number}{_PART}")


def shortened(name: str, most: int) -> str:
    """A name of at most so many bytes; one that is cut is told from others by a digest."""
    whole = os.fsencode(name)
    if len(whole) <= most:
        return name
    digest = hashlib.sha256(whole).hexdigest()[:8]
    # A letter that would be cut in two goes.
    return f"{whole[: most - len(digest) - 1].decode('utf-8', 'ignore')}~{digest}"


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
    if len(name) > _LONGEST_ID:
        digest = hashlib.sha256(run_id.encode("utf-8")).hexdigest()
        name = f"{name[: _LONGEST_ID - 65]}~{digest}"
    return name


@contextmanager
def whole_file(target: Path, alone: bool = False) -> Iterator[Path]:
    """Gives a path to write to, which becomes ``target`` when the block ends well.

    What killed processes left of the same target goes then. Of two who write it at once, the one
    that is done first may take the other's part for such; then its file stays.

    Args:
        alone: nobody else writes it meanwhile, so the path is always the same: what a killed
            process left there is written over.
    """
    part = (
        target.with_name(f".{shortened(target.name, _LONGEST)}{_PART}")
        if alone
        else part_of(target)
    )
    before = _number(target)

    def remove() -> None:
        part.unlink(missing_ok=True)

    with removed_at_exit(part, remove):
        try:
            yield part
            try:
                os.replace(part, target)
            except FileNotFoundError:
                if _number(target) in (None, before):
                    raise
            remove_left(target)
        finally:
            remove()


def write_text(path: Path, text: str) -> None:
    """Writes a file of UTF-8 that appears whole; nobody else writes it meanwhile."""
    with whole_file(path, alone=True) as part:
        part.write_text(text, encoding="utf-8")


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Writes a JSON file that appears whole; equal values give equal bytes.

    Raises:
        InputError: a value that JSON cannot hold, NaN among them.
    """
    try:
        text = json.dumps(values, indent=1, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{path.name} cannot be written: {error}; plain JSON values would do"
        ) from error
    write_text(path, text + "\n")


def remove_left(target: Path) -> None:
    """Removes what others began of a target that is whole now."""
    own = part_of(target)
    before, _, _ = own.name.removesuffix(_PART).rpartition(".")
    for part in target.parent.glob(f"{glob.escape(before)}.*{_PART}"):
        number = part.name[len(before) + 1 : -len(_PART)]
        if number.isdecimal() and part != own:
            part.unlink(missing_ok=True)


def _number(path: Path) -> int | None:
    """The file's own number, another one when it is replaced; None where there is no file."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def sync_tree(root: Path) -> None:
    """Has all files and folders below ``root``, and itself, written to the disk.

    What is renamed afterwards is whole after a power loss, too.
    """
    for folder, _, names in os.walk(root, topdown=False):
        for name in names:
            sync_file(Path(folder, name))
        sync_folder(Path(folder))


def sync_file(path: Path) -> None:
    """Has what was written to a file written to the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Has the names in a folder written to the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        # Some network file systems know no such thing, and keep names by themselves.
        with suppress(OSError):
            os.fsync(number)
    finally:
        os.close(number)


@contextmanager
def removed_at_exit(part: Path, remove: Callable[[], None]) -> Iterator[None]:
    """Has ``remove`` called if the process ends in an orderly way while the block still runs.

    Raises:
        RuntimeError: the process is ending, and nothing is begun any more.
    """
    # Listed before it is asked: what the clearing does not find any more is refused here.
    _open[part] = remove
    try:
        if _ending:
            raise RuntimeError(f"{part} is not begun: the process ends")
        yield
    finally:
        _open.pop(part, None)
