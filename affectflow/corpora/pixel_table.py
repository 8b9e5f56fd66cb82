"""Images as rows of numbers in a CSV file, as FER2013 is distributed."""

from __future__ import annotations

import csv
import math
import re
import threading
from array import array
from functools import lru_cache
from pathlib import Path

import numpy as np

from affectflow.corpora.files import stands_in
from affectflow.errors import RejectedClip, TransientReject

PIXELS = "pixels"
_LEVEL = re.compile("[+-]?0*[0-9]{1,3}")
_SHOWN = 200
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
        except csv.Error as error:
            what = f"its first line is not a row of CSV: {error}"
            raise RejectedClip("unreadable", f"{path}: {stands_in(path) or what}") from error
        self._starts.pop()
        if PIXELS not in self.columns:
            has = f"it has no column {PIXELS!r} but {', '.join(self.columns)}"
            raise RejectedClip("unreadable", f"{path}: {stands_in(path) or has[:_SHOWN]}")

    def __len__(self) -> int:
        """Number of rows, the names' apart."""
        return len(self._starts)

    def row(self, number: int) -> dict[str, str]:
        """A row, 0-based, by column.

        Raises:
            RejectedClip: there is no such row, or it is not one, or of other columns; names file,
                line and what was found.
        """
        if not 0 <= number < len(self):
            raise RejectedClip("unreadable", f"{self.path} has {len(self)} rows, not row {number}")
        try:
            with self.path.open("rb") as file:
                file.seek(self._starts[number])
                values = _fields(file.readline())
        except OSError as error:
            raise TransientReject("unreadable", f"{self.path}: {error.strerror}") from error
        except csv.Error as error:
            raise self._unreadable(number, f"not a row of CSV: {error}") from error
        if len(values) != len(self.columns):
            raise self._unreadable(number, f"{len(values)} values for {len(self.columns)} columns")
        return dict(zip(self.columns, (value.strip() for value in values)))

    def image(self, number: int) -> np.ndarray:
        """The image of a row: uint8 [side, side, 3], its grey in all three channels.

        Raises:
            RejectedClip: the pixels are no square of numbers from 0 to 255.
        """
        pixels = self.row(number)[PIXELS].split()
        try:
            levels = np.array(pixels, np.int64)
        except (ValueError, OverflowError):
            levels = np.full(len(pixels), -1)
        # Python reads "1_0" and other scripts' digits, too.
        odd = not "".join(pixels).isascii() or "_" in "".join(pixels)
        if odd or levels.min(initial=0) < 0 or levels.max(initial=0) > 255:
            place, pixel = next(found for found in enumerate(pixels) if not _is_level(found[1]))
            raise self._unreadable(
                number, f"pixel {place} is {pixel[:_SHOWN]!r}; a number from 0 to 255 would do"
            )
        side = math.isqrt(len(pixels))
        if not side or side * side != len(pixels):
            raise self._unreadable(number, f"{len(pixels)} pixels; a square of them would do")
        grey = levels.astype(np.uint8).reshape(side, side)
        return np.repeat(grey[:, :, np.newaxis], 3, axis=2)

    def _unreadable(self, number: int, what: str) -> RejectedClip:
        # The first line names the columns.
        return RejectedClip("unreadable", f"{self.path}, line {number + 2}, row {number}: {what}")


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


def _is_level(pixel: str) -> bool:
    return _LEVEL.fullmatch(pixel) is not None and 0 <= int(pixel) <= 255


def _fields(line: bytes) -> list[str]:
    # A NUL becomes what undecodable bytes become, which whoever looks at the cell can print.
    text = line.decode("utf-8-sig", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    return next(csv.reader([text]), [])
