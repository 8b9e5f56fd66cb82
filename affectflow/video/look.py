"""Another look at a file: what ffmpeg says of it while it works for nothing else."""

from __future__ import annotations

import subprocess
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from affectflow.video.ffmpeg import find_ffmpeg
from affectflow.video.pipe import Pipe
from affectflow.video.reject import check_exit

# What is about the machine comes last.
_ERRORS = 50


@contextmanager
def look(
    path: Path | str,
    arguments: Sequence[str],
    stall_s: float,
    stdin: IO[bytes] | int = subprocess.DEVNULL,
) -> Iterator[Iterator[str]]:
    """The lines of ffmpeg's log, with their levels, none waited for longer than ``stall_s``.

    Args:
        path: the file, for messages.
        arguments: of ffmpeg, up to its output.
        stall_s: seconds.
        stdin: a file that ffmpeg reads as such.

    Raises:
        TimeoutError: in reading lines, nothing came for ``stall_s``.
        TransientReject: at their end, the process was killed or could not read on.
    """
    process = subprocess.Popen(
        [
            find_ffmpeg(), "-hide_banner", "-nostdin", "-nostats",
            "-loglevel", "repeat+level+info", *arguments, "-f", "null", "-",
        ],
        stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        yield _to_the_end(path, process, stall_s)
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def _to_the_end(
    path: Path | str, process: subprocess.Popen[bytes], stall_s: float
) -> Iterator[str]:
    assert process.stderr is not None
    errors: deque[str] = deque(maxlen=_ERRORS)
    for line in Pipe(process.stderr.fileno(), stall_s).lines():
        if "[error]" in line or "[fatal]" in line:
            errors.append(line)
        yield line
    check_exit(path, process.wait(), errors)
