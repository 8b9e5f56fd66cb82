"""What nobody foresaw is told apart: the clip's, the machine's, or what comes again and again."""

from __future__ import annotations

import errno
import logging
import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest

from affectflow.errors import AffectflowError, InputError, RejectedClip, TransientReject
from affectflow.unforeseen import (
    MachineFault,
    RepeatedFault,
    Tried,
    Unforeseen,
    check_in_a_row,
    clips_own,
    fault_of,
)

SOURCE, LABELS = Path("/data/a.mp4"), Path("/data/a.txt")


def raised(error: BaseException) -> Exception:
    """What becomes of an exception while a clip is worked on."""
    with pytest.raises(AffectflowError) as caught, clips_own("a", SOURCE, LABELS):
        raise error
    return caught.value


def open_cv_error(code: int) -> cv2.error:
    error = cv2.error("OpenCV(4.11.0) alloc.cpp:73")
    error.code = code
    return error


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (ValueError("first\nsecond"), "ValueError: first"),
        (KeyError(), "KeyError"),
        (ValueError("\0\x1b[31m"), "ValueError: \ufffd\ufffd[31m"),
        (ValueError("x" * 5000), f"ValueError: {'x' * 200}…"),
        (OSError("broken data stream"), "OSError: broken data stream"),  # Pillow's, of damage
        (OSError(errno.EINVAL, "Invalid argument"), "OSError: [Errno 22] Invalid argument"),
        (RuntimeError("the graph has errors"), "RuntimeError: the graph has errors"),
        (open_cv_error(-215), "error: OpenCV(4.11.0) alloc.cpp:73"),
    ],
)  # fmt: skip
def test_the_clips_own(caplog, error, detail):
    with caplog.at_level(logging.INFO):
        rejection = raised(error)
    assert isinstance(rejection, Unforeseen)
    assert (rejection.cause, rejection.detail) == ("unforeseen", f"{SOURCE}: {detail}")
    assert rejection.__cause__ is error
    line, trace = caplog.records
    assert line.levelno == logging.WARNING
    assert line.getMessage() == f"clip a is rejected: unforeseen: {SOURCE}: {detail}"
    assert trace.levelno == logging.INFO
    assert trace.exc_info[1] is error


def from_another(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


def in_handling(error: Exception, context: BaseException) -> Exception:
    error.__context__ = context
    return error


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        np.core._exceptions._ArrayMemoryError((1 << 44,), np.dtype(np.int64)),
        open_cv_error(-4),
        type("ResourceExhaustedError", (Exception,), {})("OOM when allocating tensor"),
        RuntimeError("can't start new thread"),
        SystemError("std::bad_alloc"),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        OSError(errno.EROFS, "Read-only file system", "/store/tmp/x"),
        OSError(errno.EIO, "Input/output error", str(SOURCE)),
        OSError(errno.EMFILE, "Too many open files"),
        PermissionError(errno.EACCES, "Permission denied", "/store/ab/abc.zip"),
        PermissionError(errno.EACCES, "Permission denied", "/data/a.mp4.zip"),
        FileNotFoundError(errno.ENOENT, "No such file or directory", "/usr/bin/ffmpeg"),
        OSError(errno.EXDEV, "Invalid cross-device link", str(SOURCE), None, "/store/x"),
        from_another(ValueError("cannot write"), OSError(errno.ENOSPC, "No space left")),
        in_handling(ValueError("cannot write"), MemoryError()),
    ],
)
def test_the_machines(caplog, error):
    fault = raised(error)
    assert isinstance(fault, MachineFault)
    assert f"while clip 'a' ({SOURCE}) was worked on" in str(fault)
    assert "No clip is rejected" in str(fault)
    assert "\n" not in str(fault), "a worker's error is read from its last line"
    assert not caplog.records


@pytest.mark.parametrize("name", [SOURCE, LABELS, SOURCE / "00001.jpg"])
def test_a_file_of_the_clip_that_cannot_be_read_now(name):
    rejection = raised(PermissionError(errno.EACCES, "Permission denied", str(name)))
    assert isinstance(rejection, TransientReject)
    assert str(name) in rejection.detail


@pytest.mark.parametrize(
    "error", [RejectedClip("no_face", "x"), InputError("no ffmpeg"), KeyboardInterrupt()]
)
def test_what_was_foreseen_stays(error):
    with pytest.raises(type(error)) as caught, clips_own("a", SOURCE):
        raise error
    assert caught.value is error


def test_a_fault_is_known_by_its_type_and_place():
    def fault(kind: type[Exception], message: str) -> str:
        with pytest.raises(kind) as caught:
            raise kind(message)
        return fault_of(caught.value)

    assert fault(ValueError, "one") == fault(ValueError, "another")
    assert fault(ValueError, "one") != fault(TypeError, "one")
    assert fault(ValueError, "one").startswith(f"builtins.ValueError in {__name__}, line ")
    with pytest.raises(ValueError, match="one") as caught:
        raise ValueError("one")
    assert fault_of(caught.value) != fault(ValueError, "one")


def test_a_rejection_survives_pickling():
    rejection = raised(ValueError("x"))
    again = pickle.loads(pickle.dumps(rejection))
    assert (again.cause, again.detail, again.fault) == (
        "unforeseen",
        rejection.detail,
        rejection.fault,
    )


def tried(faults: str, contents: str = "") -> list[Tried]:
    """Clips with a letter a fault, "." for none; those of one letter of content are of one file."""
    return [
        Tried(f"clip {n}", contents[n] if contents else n, fault.strip("."), f"detail {n}")
        for n, fault in enumerate(faults)
    ]


@pytest.mark.parametrize(
    ("faults", "contents"),
    [
        ("", ""), ("a", ""), ("aa", ""), ("aa.a", ""), ("aab", ""), ("abab", ""), ("aabbaabb", ""),
        ("aaaa", "xxxx"),  # two people in one file, and their mirror images
        ("aaaa", "xxyy"),
    ],
)  # fmt: skip
def test_what_is_no_row(faults, contents):
    check_in_a_row(tried(faults, contents))


@pytest.mark.parametrize(
    ("faults", "contents", "named"),
    [
        ("aaa", "", (0, 1, 2)), (".abbb.", "", (2, 3, 4)), ("aabbbb", "", (2, 3, 4)),
        ("aaaaaa", "xxyyzz", (0, 2, 4)),
    ],
)  # fmt: skip
def test_three_in_a_row(faults, contents, named):
    with pytest.raises(RepeatedFault) as caught:
        check_in_a_row(tried(faults, contents))
    names = ", ".join(f"clip {n}" for n in named)
    first = f"{faults[named[0]]}: detail {named[0]}."
    assert str(caught.value).startswith(f"the same came up on 3 clips in a row, {names}: {first}")
    assert "no clip is rejected" in str(caught.value)
