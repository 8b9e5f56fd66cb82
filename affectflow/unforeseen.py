"""Exceptions that nobody foresaw, while a clip is worked on: the clip's, the machine's, or ours.

A library may raise anything on a file from anywhere. That is the clip's rejection, for one file
must not end a build of thousands. But no clip is at fault where the machine fails, nor where the
same comes up on clip after clip: then it is the machine, or this program.
"""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from affectflow.errors import AffectflowError, RejectedClip, TransientReject, chain

logger = logging.getLogger(__name__)

IN_A_ROW = 3
"""So many clips in a row with the same exception are not at fault."""

_LONGEST = 200
_MACHINE = frozenset(
    (
        errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE,
        errno.ENOMEM, errno.EAGAIN, errno.ESTALE, errno.ENXIO, errno.ENODEV, errno.ENOTCONN,
        errno.ETIMEDOUT,
    )
)  # fmt: skip
# What C++ code, threads and accelerators say of want of memory, and OpenCV's code of it.
_NO_MEMORY = re.compile(r"std::bad_alloc|can't start new thread|RESOURCE_EXHAUSTED|OutOfMemory")
_OPENCV_NO_MEMORY = -4


class Unforeseen(RejectedClip):
    """The rejection of a clip on which something raised what nobody foresaw.

    It is not remembered by the store of faces: the next build that runs tries the clip again.

    Args:
        detail: as in ``RejectedClip``.
        fault: the type of the exception and where it was raised, by which it is known again.
    """

    def __init__(self, detail: str, fault: str):
        super().__init__("unforeseen", detail)
        self.fault = fault

    def __reduce__(self) -> tuple[type[Unforeseen], tuple[str, str]]:
        return type(self), (self.detail, self.fault)


class MachineFault(AffectflowError):
    """The machine failed while a clip was worked on, which says nothing of the clip."""


class RepeatedFault(AffectflowError):
    """The same exception came up on one clip after the other."""


@contextmanager
def clips_own(name: str, source: Path, labels: Path | None = None) -> Iterator[None]:
    """Makes a clip's rejection of an exception that nobody foresaw.

    It is logged in a line, and its traceback at INFO, which goes to the log of the node alone.

    Args:
        name: of the clip.
        source, labels: its files or folders.

    Raises:
        Unforeseen: naming the source, the exception's class and the first line of its message.
        TransientReject: a file of the clip cannot be read now.
        MachineFault: the machine failed, naming the clip that was worked on.
        AffectflowError: as it was raised, for somebody foresaw it.
    """
    own = [os.path.abspath(path) for path in (source, labels) if path is not None]
    try:
        yield
    except AffectflowError:
        raise
    except Exception as error:
        if words := _of_machine(error, own):
            raise MachineFault(
                f"the machine failed while clip {name!r} ({source}) was worked on: {words}. No clip"
                " is rejected for it; free memory or space, or see to the rights of the folder, and"
                " run again: what is done is kept"
            ) from error
        rejection: RejectedClip = Unforeseen(f"{source}: {in_short(error)}", fault_of(error))
        if _named(error):
            rejection = TransientReject("unreadable", f"{source}: {in_short(error)}")
        logger.warning("clip %s is rejected: %s", name, rejection)
        logger.info("traceback of clip %s", name, exc_info=error)
        raise rejection from error


def _of_machine(error: BaseException, own: Sequence[str]) -> str:
    """What failed of the machine, in words; "" where the exception may well be the clip's.

    An error of the system that names a path is the machine's wherever the path is not the clip's:
    the store of faces, a temporary folder, a program.

    Args:
        error: with what it came from.
        own: the clip's files and folders, absolute.
    """
    for link in chain(error):
        if _wants_memory(link):
            return f"it is out of memory: {in_short(link)}"
        if isinstance(link, OSError) and link.errno is not None:
            elsewhere = [name for name in _named(link) if not any(_within(name, o) for o in own)]
            if link.errno in _MACHINE or elsewhere:
                return in_short(link)
    return ""


def _wants_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return True
    if type(error).__module__ == "cv2":
        return getattr(error, "code", None) == _OPENCV_NO_MEMORY
    said_by_others = isinstance(error, (RuntimeError, SystemError))
    return said_by_others and _NO_MEMORY.search(str(error)) is not None


def _named(error: BaseException) -> list[str]:
    """The paths that an error of the system names, absolute."""
    if not isinstance(error, OSError) or error.errno is None:
        return []
    names = (error.filename, error.filename2)
    paths = [name for name in names if isinstance(name, (str, bytes, os.PathLike))]
    return [os.path.abspath(os.fsdecode(path)) for path in paths]


def _within(name: str, folder: str) -> bool:
    return name == folder or name.startswith(folder + os.sep)


def in_short(error: BaseException) -> str:
    """The class of an exception and the first line of its message, cut."""
    lines = str(error).strip().splitlines()
    text = "".join(
        c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in (lines or [""])[0]
    )
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def fault_of(error: BaseException) -> str:
    """The type of an exception and the place in the code that raised it."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    trace = error.__traceback__
    if trace is None:
        return kind
    while trace.tb_next is not None:
        trace = trace.tb_next
    module = trace.tb_frame.f_globals.get("__name__", trace.tb_frame.f_code.co_filename)
    return f"{kind} in {module}, line {trace.tb_lineno}"


class Tried(NamedTuple):
    """A clip that was tried.

    Attributes:
        name: of the clip.
        content: what it was made of; copies of a file, the people in it and its mirror image have
            the same, and are no further clip that the same comes up on.
        fault: of ``Unforeseen``; "" where nothing unforeseen came up.
        detail: what came up.
    """

    name: str
    content: Hashable
    fault: str = ""
    detail: str = ""


def check_in_a_row(tried: Iterable[Tried]) -> None:
    """Makes sure that the same exception does not come up on clip after clip.

    "In a row" is by the order of the corpus, and is judged when all clips were tried. The order in
    which workers took them is another each time; this one gives the same verdict however many
    workers there were, on any runner, and whatever was in the store of faces before. One or two
    clips are rejections: where a corpus has no others, a build without any clip ends by itself.

    Args:
        tried: all clips, in the corpus's order.

    Raises:
        RepeatedFault: naming exception, place and clips.
    """
    row: list[Tried] = []
    for one in tried:
        if row and one.fault != row[0].fault:
            row = []
        if one.fault and one.content not in [other.content for other in row]:
            row.append(one)
        if len(row) == IN_A_ROW:
            raise RepeatedFault(
                f"the same came up on {IN_A_ROW} clips in a row, {', '.join(o.name for o in row)}:"
                f" {row[0].fault}: {row[0].detail}. That is the machine's fault, or this program's:"
                " no clip is rejected for it. The tracebacks are in the log; what is done is kept"
            )
