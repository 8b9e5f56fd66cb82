"""From what ffmpeg logged to the cause for which a clip is rejected."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from affectflow.errors import RejectedClip, TransientReject
from affectflow.video.foreign import HEAD_BYTES, no_picture, no_video

_LINE = re.compile(
    r"((?:\[[^\]]*\] )*?)\[(panic|fatal|error|warning|info|verbose|debug|trace)\] (.*)"
)
_TOO_LARGE = "exceeds specified max pixel count"
_BAD_SIZE = re.compile(rf"{_TOO_LARGE}|[Pp]icture size|unspecified size|Invalid frame dimensions")
# These come and go with the machine's state; the next night may read the file.
_TRANSIENT = re.compile(
    r"Cannot allocate memory|Input/output error|Permission denied|Too many open files"
    r"|Resource temporarily unavailable|No such file|Stale file handle|received signal"
)
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


def check_file(path: Path | str) -> None:
    """Refuses what no decoder, of images or videos, has to be asked about.

    Raises:
        TransientReject: the file is not there or may not be read.
        RejectedClip: it is a folder, a pipe or a device, holds no bytes, or holds what stands in
            the place of a file (a pointer of Git LFS, a web page).
    """
    _refuse(path, no_picture(_head(path)))


def check_video(path: Path | str) -> None:
    """The same, and refuses files that are something else than a video: archives, text, images.

    Raises:
        As :func:`check_file`.
    """
    head = _head(path)
    _refuse(path, no_picture(head) or no_video(head))


def _refuse(path: Path | str, found: str) -> None:
    if found:
        raise RejectedClip("unreadable", f"{path}: {found}")


def _head(path: Path | str) -> bytes:
    """A file's first bytes; refuses what has none."""
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            raise RejectedClip("unreadable", f"{path}: is a folder, not a video file")
        if not stat.S_ISREG(mode):
            # Looking into a pipe would take out of it what is looked at.
            raise RejectedClip("unreadable", f"{path}: is a pipe or a device, not a video file")
        with open(path, "rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as error:
        raise TransientReject("unreadable", f"{path}: {error.strerror}") from None
    if not head:
        raise RejectedClip("unreadable", f"{path}: the file is empty (0 bytes)")
    return head


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


def refusal(path: Path | str, lines: Iterable[LogLine], transient: bool = False) -> RejectedClip:
    """The rejection of a file of which ffmpeg gave no frame."""
    lines = list(lines)
    said = last_words(lines)
    everything = "\n".join(line.text for line in lines)
    if "matches no streams" in everything:
        return RejectedClip("no_video", f"{path}: the file has no video stream")
    sizes = [line.text for line in lines if _BAD_SIZE.search(line.text)]
    if sizes:
        return RejectedClip("bad_size", f"{path}: {sizes[0].strip()}")
    if "not on whitelist" in everything:
        return RejectedClip(
            "unreadable",
            f"{path}: not a video container; playlists, scripts and images are refused",
        )
    kind = TransientReject if transient or _TRANSIENT.search(everything) else RejectedClip
    return kind("unreadable", f"{path}: {said or 'no frame and no message'}")
