"""What libraries write goes into a full log, out of sight of whoever reads a run's own lines."""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def ready_streams() -> None:
    """Makes standard streams that can take anything, as the first thing of a process.

    A closed one leads nowhere instead, or the next file that is opened would take its number. A
    character that a terminal's encoding lacks is written as in a Python string.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free.
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def quiet_libraries(log: Path, verbose: bool = False) -> Iterator[None]:
    """Sends what libraries write to standard error into a log file, unless verbose.

    TensorFlow, MediaPipe and ffmpeg write from C++ to the file descriptor itself, so that is what
    is redirected; what is said to people goes to standard output.
    """
    if verbose:
        with _logging_to(sys.stderr):
            yield
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    sys.stderr.flush()
    kept = os.dup(2)
    with open(log, "a", encoding="utf-8", errors="backslashreplace") as file:
        os.dup2(file.fileno(), 2)
        try:
            with warnings.catch_warnings(), _logging_to(file):
                warnings.simplefilter("ignore")
                yield
        finally:
            sys.stderr.flush()
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
