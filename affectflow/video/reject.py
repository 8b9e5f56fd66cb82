"""From what ffmpeg logged to the cause for which a clip is rejected."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from affectflow.errors import RejectedClip, TransientReject
from affectflow.video.foreign import HEAD_BYTES, no_video, stand_in
from affectflow.video.machine import FileState, file_state, machine_words, unsteady

_LINE = re.compile(
    r"((?:\[[^\]]*\] )*?)\[(panic|fatal|error|warning|info|verbose|debug|trace)\] (.*)"
)
_TOO_LARGE = "exceeds specified max pixel count"
_BAD_SIZE = re.compile(rf"{_TOO_LARGE}|[Pp]icture size|unspecified size|Invalid frame dimensions")
# What follows from an error that was named before it.
_ECHO = re.compile(
    r"Error (opening|parsing|while|during|splitting|submitting|marking)|At least one output"
    r"|Failed to set value|file:|Terminating thread|Task finished|Nothing was written"
    r"|Cannot determine format of input stream"
)


class LogLine(NamedTuple):
    """One line of ffmpeg's log at ``-loglevel level+…``; ``level`` "" on a continuation line."""

    context: str
    level: str
    text: str

    @property
    def is_error(self) -> bool:
        return self.level in ("panic", "fatal", "error")


def parse_line(line: str) -> LogLine:
    """Splits ``[context @ 0x…] [level] text``."""
    found = _LINE.match(line)
    return LogLine(found[1].strip(), found[2], found[3]) if found else LogLine("", "", line)


def last_words(lines: Iterable[LogLine], count: int = 3) -> str:
    """The last few errors (or, without any, what else is no mere telling) as one string."""
    kept = list(lines)
    errors = [line.text for line in kept if line.is_error]
    texts = [text for text in errors if not _ECHO.match(text)] or errors
    texts = texts or [line.text for line in kept if line.level in ("warning", "")]
    # Order kept, repeats dropped: ffmpeg says the same thing for every damaged packet.
    return "; ".join(list(dict.fromkeys(text.strip() for text in texts if text.strip()))[-count:])


def check_file(path: Path | str) -> FileState:
    """Refuses what no decoder, of images or videos, has to be asked about.

    Returns:
        The file's state, by which :func:`rejected` knows whether it has changed since.

    Raises:
        TransientReject: the file is not there or may not be read.
        RejectedClip: it is a folder, a pipe or a device, holds no bytes, or holds what stands in
            the place of a file (a pointer of Git LFS, a web page).
    """
    return _checked(path, stand_in)


def check_video(path: Path | str) -> FileState:
    """The same, and refuses files that are something else than a video: archives, text, images.

    Returns, raises:
        As :func:`check_file`.
    """
    return _checked(path, lambda head: stand_in(head) or no_video(head))


def _checked(path: Path | str, foreign: Callable[[bytes], str]) -> FileState:
    try:
        seen = os.stat(path)
        if stat.S_ISDIR(seen.st_mode):
            raise RejectedClip("unreadable", f"{path}: is a folder, not a video file")
        if not stat.S_ISREG(seen.st_mode):
            # Looking into a pipe would take out of it what is looked at.
            raise RejectedClip("unreadable", f"{path}: is a pipe or a device, not a video file")
        with open(path, "rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise TransientReject("unreadable", f"{path}: {error.strerror}") from None
    if not head:
        raise RejectedClip("unreadable", f"{path}: the file is empty (0 bytes)")
    if found := foreign(head):
        raise RejectedClip("unreadable", f"{path}: {found}")
    return file_state(seen)


def check_stdin() -> None:
    """Refuses a terminal: nobody types a video.

    Raises:
        RejectedClip: standard input is a terminal, or closed.
    """
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        raise RejectedClip(
            "unreadable", "standard input is no video; pipe one in: ffmpeg … -f nut - | …"
        )


def beyond_limit(lines: Iterable[LogLine]) -> str:
    """What was said of a picture that is larger than the limit; "" when nothing was."""
    found = (line.text.strip() for line in lines if _TOO_LARGE in line.text)
    return next(found, "")


def check_exit(path: Path | str, code: int, said: Iterable[str] = ()) -> None:
    """Refuses what a process has left that did not come to its own end.

    Args:
        path: the file that it read.
        code: its exit code, negative for a signal.
        said: lines that it logged.

    Raises:
        TransientReject: it was killed, or said something of the machine.
    """
    if words := machine_words(said):
        raise TransientReject("unreadable", f"{path}: {words}")
    if code < 0:
        raise TransientReject("unreadable", f"{path}: the decoder was ended from outside")


def rejected(
    cause: str, path: Path | str, detail: str, machine: str, state: FileState | None
) -> RejectedClip:
    """The rejection of a file that a decoder could not read as it should, whenever that came up.

    Args:
        cause, detail: what it looks like.
        machine: what was said of the machine (``machine_words``), if anything.
        state: of the file before it was read; None where it cannot be read again.

    Returns:
        A ``TransientReject`` where the machine and not the file may be to blame.
    """
    passing = machine or (unsteady(path, state) if state else "")
    if passing:
        return TransientReject("unreadable", f"{path}: {passing}")
    return RejectedClip(cause, f"{path}: {detail}")


def refusal(
    path: Path | str, lines: Iterable[LogLine], state: FileState | None, machine: str = ""
) -> RejectedClip:
    """The rejection of a file of which ffmpeg gave nothing; see :func:`rejected`."""
    lines = list(lines)
    texts = [line.text for line in lines]
    cause, detail = "unreadable", last_words(lines) or "no frame and no message"
    if any("matches no streams" in text for text in texts):
        cause, detail = "no_video", "the file has no video stream"
    elif sizes := [text.strip() for text in texts if _BAD_SIZE.search(text)]:
        cause, detail = "bad_size", sizes[0]
    elif any("not on whitelist" in text for text in texts):
        detail = "not a video container; playlists, scripts and images are refused"
    return rejected(cause, path, detail, machine or machine_words(texts), state)
