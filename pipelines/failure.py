"""What to tell a user of an error that came up through Beam and TFX."""

from __future__ import annotations

import errno
import re
import signal
from collections.abc import Sequence
from pathlib import Path

from affectflow.errors import AffectflowError, chain
from affectflow.room import no_room

# A worker's error arrives as the text of its traceback, whose last line names type and message.
_OURS = re.compile(r"^(?:affectflow|components|pipelines)\.[\w.]+: (.+?)(?: \[while running .*)?$")
_SYSTEM = re.compile(r"^(?:OSError|PermissionError): (\[Errno \d+\] .+?)(?: \[while running .*)?$")
TERMINATED = 128 + signal.SIGTERM
"""Exit status of a process that SIGTERM ended."""
_INTERRUPT, _TERMINATION = (
    re.compile(rf"^{name}(?: \[while running .*)?$", re.MULTILINE)
    for name in ("KeyboardInterrupt", f"SystemExit: {TERMINATED}")
)
# What SQLite says, below ML Metadata, of a disk that takes nothing although it has room.
_DATABASE = re.compile(r"disk I/O error|attempt to write a readonly database")
# And of a file that is not as it left it.
_DAMAGED = re.compile(
    r"file is not a database|database disk image is malformed|malformed database schema"
)

# TensorFlow ends the message on a record that it cannot parse with the record.
_RECORD = re.compile(r",? value: '.*", re.DOTALL)

_DISK = (errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS)


def explain(error: BaseException, folders: Sequence[Path] = ()) -> str | None:
    """The part of an error that a user can act on; None when there is no such part.

    A full disk comes before all that was made of it on the way.

    Args:
        folders: that may have been written to (see ``affectflow.room.no_room``).
    """
    if told := no_room(error, folders):
        return told
    for link in chain(error):
        if isinstance(link, AffectflowError):
            return _without_step(str(link))
        if isinstance(link, OSError) and link.errno in _DISK:
            return _disk(str(link))
        if match := _DATABASE.search(str(link)):
            return _disk(f"ML Metadata cannot be written ({match[0]})")
        if told := damaged_store(link):
            return told
    for line in reversed(str(error).splitlines()):
        if match := _OURS.match(line.strip()):
            return match[1]
        if match := _SYSTEM.match(line.strip()):
            return _disk(match[1])
    return None


def damaged_store(
    error: BaseException,
    file: str = "file, metadata.sqlite of the workspace or the one that AFFECTFLOW_METADATA names,",
) -> str | None:
    """What to do about ML Metadata's file where an error says that it is damaged, or None."""
    if match := _DAMAGED.search(str(error)):
        return (
            f"ML Metadata's {file} is damaged ({match[0]}). Put a copy of earlier in its place, or"
            " move it away and start a rebuild: what was decoded is kept"
        )
    return None


def reason_of(error: BaseException, folders: Sequence[Path] = ()) -> str:
    """What a user can act on, or else the error's type and words, without bytes of records."""
    return explain(error, folders) or f"{type(error).__name__}: {_RECORD.sub('', str(error))}"


def interruption(error: BaseException) -> BaseException | None:
    """Of an error that came from Ctrl-C or SIGTERM what that raises; None for any other.

    Beam makes an error of the step that was at work.
    """
    for link in chain(error):
        if isinstance(link, KeyboardInterrupt) or _INTERRUPT.search(str(link)):
            return KeyboardInterrupt()
        if isinstance(link, SystemExit):
            if link.code == TERMINATED:
                return link
        elif _TERMINATION.search(str(link)):
            return SystemExit(TERMINATED)
    return None


def _without_step(message: str) -> str:
    return re.sub(r" \[while running '.*'\]$", "", message)


def _disk(message: str) -> str:
    return (
        f"{message}. Free some space, or choose another folder with --workspace, and run again:"
        " what is done is kept"
    )
