"""What libraries write goes into a full log, out of sight of whoever reads a run's own lines."""

from __future__ import annotations

import gc
import io
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from affectflow.errors import chain
from affectflow.quiet import stderr_into
from pipelines.log_stream import log_stream, tell_lost
from pipelines.visible import VisibleFormatter


def ready_streams() -> None:
    """Makes standard streams that can take anything, as the first thing of a process.

    A closed one leads nowhere instead, or the next file that is opened would take its number. A
    character that a terminal's encoding lacks is written as in a Python string. What the disk that
    standard error leads to does not take is lost (see ``pipelines.log_stream``).
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free.
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, closefd=False))
    # Of warnings that nothing listens to.
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(VisibleFormatter())
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = log_stream(2, like=sys.stderr)


@contextmanager
def quiet_libraries(log: Path, verbose: bool = False) -> Iterator[TextIO]:
    """Sends what libraries write to standard error into a log file, unless verbose.

    Gives a stream that leads to where standard error led before, for what people are told there.

    TensorFlow, MediaPipe and ffmpeg write from C++ to the file descriptor itself, so that is what
    is redirected; what is said to people goes to standard output. What there is no room for in the
    log is lost, and said once at the end.

    Raises:
        OSError: the log cannot be made.
    """
    if verbose:
        with _logging_to(sys.stderr):
            yield sys.stderr
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "1")
    number = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    with (
        log_stream(number, own=True) as file,
        stderr_into(file.fileno()) as kept,
        log_stream(kept, buffered=False) as told,
        warnings.catch_warnings(),
        _logging_to(file),
    ):
        warnings.simplefilter("ignore")
        with _let_go():
            yield told
        tell_lost(log, file, told)


@contextmanager
def _let_go() -> Iterator[None]:
    """Has what an error was raised among closed now, as files that could not be written to the end.

    Python says of it on standard error that it cannot be closed, and later would be too late.
    """
    try:
        yield
    except Exception as error:
        for link in chain(error):
            traceback.clear_frames(link.__traceback__)
        gc.collect()
        raise


@contextmanager
def _logging_to(stream: TextIO) -> Iterator[None]:
    """Python's own logging, from INFO up, to a stream that may be closed afterwards."""
    root = logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    handler.setFormatter(VisibleFormatter(logging.BASIC_FORMAT))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
