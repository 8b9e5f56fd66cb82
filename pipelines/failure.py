"""What to tell a user of an error that came up through Beam and TFX."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator

from affectflow.errors import AffectflowError

# A worker's error arrives as the text of its traceback, whose last line names type and message.
_OURS = re.compile(r"^(?:affectflow|components|pipelines)\.[\w.]+: (.+?)(?: \[while running .*)?$")
_SYSTEM = re.compile(r"^(?:OSError|PermissionError): (\[Errno \d+\] .+?)(?: \[while running .*)?$")
_INTERRUPT = re.compile(r"^KeyboardInterrupt(?: \[while running .*)?$", re.MULTILINE)
# What SQLite says, below ML Metadata, of a disk that takes no more.
_DATABASE = re.compile(
    r"database or disk is full|disk I/O error|attempt to write a readonly database"
)

_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS)


def explain(error: BaseException) -> str | None:
    """The part of an error that a user can act on; None when there is no such part."""
    for link in chain(error):
        if isinstance(link, AffectflowError):
            return _without_step(str(link))
        if isinstance(link, OSError) and link.errno in _DISK:
            return _disk(str(link))
        if match := _DATABASE.search(str(link)):
            return _disk(f"ML Metadata cannot be written ({match[0]})")
    for line in reversed(str(error).splitlines()):
        if match := _OURS.match(line.strip()):
            return match[1]
        if match := _SYSTEM.match(line.strip()):
            return _disk(match[1])
    return None


def reason_of(error: BaseException) -> str:
    """What a user can act on, or else the error's type and words."""
    return explain(error) or f"{type(error).__name__}: {error}"


def is_interrupt(error: BaseException) -> bool:
    """Whether Ctrl-C is what it came from: Beam makes an error of the step that was at work."""
    return any(
        isinstance(link, KeyboardInterrupt) or _INTERRUPT.search(str(link)) for link in chain(error)
    )


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came from."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or error.__context__


def _without_step(message: str) -> str:
    return re.sub(r" \[while running '.*'\]$", "", message)


def _disk(message: str) -> str:
    return (
        f"{message}. Free some space, or choose another folder with --workspace, and run again:"
        " what is done is kept"
    )
