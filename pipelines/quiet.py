"""What libraries write goes into a full log, out of sight of whoever reads a run's own lines."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def quiet_libraries(log: Path, verbose: bool = False) -> Iterator[None]:
    """Sends what libraries write to standard error into a log file, unless verbose.

    TensorFlow, MediaPipe and ffmpeg write from C++ to the file descriptor itself, so that is what
    is redirected; what is said to people goes to standard output. A standard error that was closed
    is no reason to say nothing: it is left closed at the end.
    """
    if verbose:
        with _logging_to(sys.stderr):
            yield
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    with open(log, "a", encoding="utf-8", errors="backslashreplace") as file:
        kept = _replaced_stderr(file)
        try:
            with warnings.catch_warnings(), _logging_to(file):
                warnings.simplefilter("ignore")
                yield
        finally:
            _restore_stderr(kept)


def _replaced_stderr(file: TextIO) -> int | None:
    """Lets descriptor 2 lead into a file; gives a copy of what it was, None where it was closed."""
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        kept: int | None = os.dup(2)
    except OSError:
        kept = None
    os.dup2(file.fileno(), 2)
    return kept


def _restore_stderr(kept: int | None) -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
    if kept is None:
        os.close(2)
        return
    os.dup2(kept, 2)
    os.close(kept)


@contextmanager
def _logging_to(stream: TextIO) -> Iterator[None]:
    """Python's own logging, from INFO up, to a stream that may be closed afterwards."""
    root = logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    handler.setFormatter(logging.Formatter(logging.BASIC_FORMAT))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
