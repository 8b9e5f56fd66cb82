"""Images as rows of numbers in a CSV file, as FER2013 is distributed."""

from __future__ import annotations

import csv
import math
import threading
from array import array
from functools import lru_cache
from pathlib import Path

import numpy as np

from affectflow.errors import RejectedClip, TransientReject

PIXELS = "pixels"
_LOCK = threading.Lock()


class PixelTable:
    """A CSV file with a column ``pixels``: grey levels of a square image, row by row.

    Rows are found by their place in the file, so that each can be read without those before it.

    Args:
        path: its first line names the columns; a record is a line.

    Attributes:
        columns: their names, in order, without spaces round them.

    Raises:
        RejectedClip: the file cannot be read, or has no such column.
    """

    def __init__(self, path: Path):
        self.path = path
        try:
            with path.open("rb") as file:
                self.columns = [name.strip() for name in _fields(file.readline())]
                self._starts = array("Q", [file.tell()])
                while file.readline():
                    self._starts.append(file.tell())
        except OSError as error:
            raise TransientReject("unreadable", f"{path}: {error.strerror}") from error
        self._starts.pop()
        if PIXELS not in self.columns:
            raise RejectedClip(
                "unreadable", f"{path} has no column {PIXELS!r} but {', '.join(self.columns)}"
            )

    def __len__(self) -> int:
        """Number of rows, the names' apart."""
        return len(self._starts)

    def row(self, number: int) -> dict[str, str]:
        """A row, 0-based, by column.

        Raises:
            RejectedClip: there is no such row, or it has another number of columns.
        """
        if not 0 <= number < len(self):
            raise RejectedClip("unreadable", f"{self.path} has {len(self)} rows, not row {number}")
        try:
            with self.path.open("rb") as file:
                file.seek(self._starts[number])
                values = _fields(file.readline())
        except OSError as error:
            raise TransientReject("unreadable", f"{self.path}: {error.strerror}") from error
        if len(values) != len(self.columns):
            raise RejectedClip(
                "unreadable",
                f"{self.path}, row {number}: {len(values)} values for {len(self.columns)} columns",
            )
        return dict(zip(self.columns, (value.strip() for value in values)))

    def image(self, number: int) -> np.ndarray:
        """The image of a row: uint8 [side, side, 3], its grey in all three channels.

        Raises:
            RejectedClip: the pixels are no square of numbers from 0 to 255.
        """
        text = self.row(number)[PIXELS]
        try:
            levels = np.array(text.split(), np.int64)
        except (ValueError, OverflowError) as error:
            raise RejectedClip("unreadable", f"{self.path}, row {number}: {error}") from error
        side = math.isqrt(len(levels))
        if not side or side * side != len(levels) or levels.min() < 0 or levels.max() > 255:
            raise RejectedClip(
                "unreadable",
                f"{self.path}, row {number}: {len(levels)} pixels"
                + (f" from {levels.min()} to {levels.max()}" if len(levels) else "")
                + "; a square of numbers from 0 to 255 would do",
            )
        grey = levels.astype(np.uint8).reshape(side, side)
        return np.repeat(grey[:, :, np.newaxis], 3, axis=2)


def open_table(path: Path) -> PixelTable:
    """The table at ``path``, scanned once a process and version of the file."""
    try:
        status = path.stat()
    except OSError as error:
        raise TransientReject("unreadable", f"{path}: {error.strerror}") from error
    # Of several threads that want it, one scans.
    with _LOCK:
        return _opened(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _opened(path: Path, mtime_ns: int, size: int) -> PixelTable:
    return PixelTable(path)


def _fields(line: bytes) -> list[str]:
    return next(csv.reader([line.decode("utf-8-sig", "replace")]), [])
