"""A disk that has no room left: known by whoever met it, and told in one line."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from affectflow.errors import chain

_NUMBERS = (errno.ENOSPC, errno.EDQUOT)
# The C library's words, which TensorFlow, HDF5 and ffmpeg repeat, and SQLite's.
_WORDS = re.compile(r"No space left on device|Disk quota exceeded")
_DATABASE = re.compile(r"database or disk is full")
# What SQLite says of a full disk that it could not make its journal on, and of others.
_MAYBE = re.compile(r"disk I/O error|unable to open database file")
_PATH = re.compile(r"(?<![\w.])/[^\s'\":;,()\]]+")
_LITTLE = 1 << 20
"""Bytes: with less, what is said of a full disk among others is said of that."""


def no_room(error: BaseException, folders: Sequence[Path] = ()) -> str | None:
    """What to tell of an error that a full disk, or a quota that is used up, was behind.

    Wherever it was met: in Python, TensorFlow's writers, SQLite, a process, or a worker of Beam's
    that sends the text of a traceback.

    Args:
        folders: what may have been written to, the likeliest first, for an error that names no
            file: of these, and the folder of temporary files, a full one is meant.

    Returns:
        One line; None where no disk was full.
    """
    links = list(chain(error))
    # One that names its file knows better than texts that were made of it.
    for link in links:
        if isinstance(link, OSError) and link.errno in _NUMBERS:
            named = [link.filename2, link.filename]
            place = next((Path(os.fsdecode(p)) for p in named if isinstance(p, (str, bytes))), None)
            return _told(os.strerror(link.errno), place, folders)
    for link in links:
        for line in reversed(str(link).splitlines()):
            if found := _WORDS.search(line):
                return _told(found[0], _place(line, folders), folders)
            if found := _DATABASE.search(line):
                # The line is a query, which names files of another kind.
                return _told(found[0], None, folders)
            if found := _MAYBE.search(line):
                place = _tightest(folders)
                if place is not None and _free(place)[0] < _LITTLE:
                    return _told(found[0], place, folders)
    return None


def _told(words: str, place: Path | None, folders: Sequence[Path]) -> str:
    folder = _there(place) if place is not None else _tightest(folders)
    remedy = "or choose another folder, and run the same command again: what is done is kept"
    if folder is None:
        return f"no room on the disk ({words}). Free some space, {remedy}"
    # One that a person knows, where there is one: a node's own folders go with the node.
    device = folder.stat().st_dev
    known = [
        each
        for each in map(_there, folders)
        if folder.is_relative_to(each) and each.stat().st_dev == device
    ]
    folder = max(known, key=lambda each: len(each.parts), default=folder)
    free, size = _free(folder)
    return (
        f"no room in {folder} ({words}): {_bytes(free)} of {_bytes(size)} are free now. Free some"
        f" space there, {remedy}"
    )


def _place(line: str, folders: Sequence[Path]) -> Path | None:
    """The file that a line says could not be written; None = it says none.

    A line may name as well what was read: that is where there is room, and nothing is written to.
    Of several the last is meant.
    """
    found = [Path(name) for name in reversed(_PATH.findall(line))]
    there = [(path, _there(path)) for path in found if _there(path) != Path("/")]
    known = [_there(folder) for folder in folders]
    return next(
        (
            path
            for path, folder in there
            if not known
            or any(folder.is_relative_to(each) for each in known)
            or _free(folder)[0] < _LITTLE
        ),
        None,
    )


def _there(path: Path) -> Path:
    """The innermost folder of a path that exists."""
    path = path.absolute()
    return next((each for each in (path, *path.parents) if each.is_dir()), Path("/"))


def _tightest(folders: Sequence[Path]) -> Path | None:
    """The folder that is full; where none is any more, or by a quota, the first; None = unknown."""
    there = [_there(folder) for folder in folders]
    free = {folder: _free(folder)[0] for folder in (*there, Path(tempfile.gettempdir()))}
    full = [folder for folder, left in free.items() if left < _LITTLE]
    return min(full, key=lambda folder: free[folder], default=there[0] if there else None)


def _free(folder: Path) -> tuple[int, int]:
    """Bytes that may be written to the folder's file system, and that it has."""
    seen = os.statvfs(folder)
    return seen.f_bavail * seen.f_frsize, seen.f_blocks * seen.f_frsize


def _bytes(count: int) -> str:
    """``900 kB``, ``1.5 GB``: decimal, as disks are sold."""
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count // 1000} kB"
