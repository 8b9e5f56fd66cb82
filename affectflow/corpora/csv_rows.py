"""Reading a table of CSV: what is wrong is said with the file, the line and what that holds."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from affectflow.errors import InputError

_SHOWN = 60


@contextmanager
def csv_rows(path: Path, strict: bool = False, errors: str = "strict") -> Iterator[Any]:
    """A ``csv.reader`` of a file in UTF-8; it has ``line_num`` and gives a list of cells a row.

    Args:
        strict: refuses quotes that do not end, which would swallow the rest of the file.
        errors: what is done with bytes that are not UTF-8, as of ``open``.

    Raises:
        OSError: the file cannot be read.
        InputError: in the block, a line is not UTF-8 or no row of CSV (a NUL, for one).
    """
    with path.open(encoding="utf-8-sig", errors=errors, newline="") as lines:
        reader = csv.reader(_without_nul(lines, path), skipinitialspace=True, strict=strict)
        try:
            yield reader
        except UnicodeDecodeError as error:
            line, holds = _undecodable(path)
            raise InputError(
                f"{path}, line {line} is not text in UTF-8 ({error.reason}): {holds!r}; save the"
                " file so"
            ) from None
        except csv.Error as error:
            found = _line(path, reader.line_num)
            raise _no_row(path, reader.line_num, error, found) from None


def _without_nul(lines: Iterable[str], path: Path) -> Iterator[str]:
    # csv reads one, but neither a file's name nor a number holds one.
    for number, line in enumerate(lines, 1):
        if "\0" in line:
            raise _no_row(path, number, "line contains NUL", line)
        yield line


def _no_row(path: Path, number: int, wrong: object, line: str) -> InputError:
    shown = line.rstrip("\r\n")[:_SHOWN]
    return InputError(f"{path}, line {number} is not a row of CSV: {wrong}: {shown!r}")


def _line(path: Path, number: int) -> str:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        return next((text for at, text in enumerate(lines, 1) if at == number), "")


def _undecodable(path: Path) -> tuple[int, bytes]:
    """The number of the first line that is not UTF-8, and what it holds."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return number, line.rstrip(b"\r\n")[max(0, error.start - _SHOWN // 2) :][:_SHOWN]
    return 0, b""
