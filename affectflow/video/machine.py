"""Failures of the machine, which pass, told from what is wrong with a file."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

# Of errors that come and go with the machine's state, the C library's words, GNU's and musl's; and
# Matroska's demuxer's, which then looks for a place to go on, and names the error only at the end.
_WORDS = re.compile(
    r"Cannot allocate memory|Out of memory|I(?:nput/output|/O) error|Permission denied"
    r"|Too many open files|Resource temporarily unavailable|No such file|Stale (?:NFS )?file handle"
    r"|Interrupted system call|(?:Connection|Operation) timed out|received signal"
    r"|^Read error$"
)
_CHUNK = 1 << 20

FileState = tuple[int, int]
"""Size in bytes and time of the last change, ns."""


def machine_words(texts: Iterable[str]) -> str:
    """The first of some lines of a log that is about the machine; "" where none is."""
    return next((text for text in map(str.strip, texts) if _WORDS.search(text)), "")


def file_state(seen: os.stat_result) -> FileState:
    """What a file that stays as it is keeps."""
    return seen.st_size, seen.st_mtime_ns


def unsteady(path: Path | str, before: FileState) -> str:
    """Why what was read of a file need not be what it holds; "" where it is well and as it was.

    ffmpeg takes an error of reading for the end of the file where it looks for the index, libtiff
    for damage, and both a file that is still being copied for one that is cut. So the file is read
    once more, plainly.

    Args:
        before: its state before it was read the first time.
    """
    try:
        with open(path, "rb", buffering=0) as file:
            while file.read(_CHUNK):
                pass
        changed = file_state(os.stat(path)) != before
    except OSError as error:
        return error.strerror or str(error)
    return "the file was changed while it was read" if changed else ""
