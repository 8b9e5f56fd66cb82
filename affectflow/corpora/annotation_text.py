"""Reading Aff-Wild2's annotation files: a header, then valence and arousal, one row a frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from affectflow.corpora.files import stands_in
from affectflow.corpora.labels import Labels
from affectflow.corpora.numbers import read_number
from affectflow.errors import RejectedClip, TransientReject
from affectflow.plane import LABELS


def read_annotation(path: Path) -> Labels:
    """Labels by row: the line after the header is frame 0.

    The header names the two columns, in any order; blank lines may stand only at the end, since
    one in between would leave it open which frame the rows after it belong to.

    Raises:
        RejectedClip: ``no_labels`` when there is no such file; ``bad_labels``, naming the file,
            the line and what was found, when it cannot be understood.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RejectedClip("no_labels", f"annotation {path} does not exist") from None
    except UnicodeDecodeError as error:
        at = error.object[: error.start].count(b"\n") + 1
        raise _bad(path, at, f"not text in UTF-8 ({error.reason})") from None
    except IsADirectoryError as error:
        raise RejectedClip("bad_labels", f"{path} cannot be read: {error.strerror}") from None
    except OSError as error:
        raise TransientReject("bad_labels", f"{path} cannot be read: {error.strerror}") from None
    lines = text.rstrip().splitlines()
    if not lines:
        raise _bad(path, 1, "the file is empty; a header valence,arousal would do")
    header = tuple(cell.strip().lower() for cell in lines[0].split(","))
    if sorted(header) != sorted(LABELS):
        if found := stands_in(path):
            raise RejectedClip("bad_labels", f"{path}: {found}")
        raise _bad(path, 1, f"the header is {lines[0]!r}; it must be valence,arousal")
    rows = np.empty((len(lines) - 1, 2), np.float64)
    for i, line in enumerate(lines[1:]):
        cells = line.split(",")
        if len(cells) != 2:
            raise _bad(path, i + 2, f"{line!r} has {len(cells)} columns; it must have 2")
        rows[i] = _number(cells[0], path, i + 2), _number(cells[1], path, i + 2)
    valence, arousal = (rows[:, header.index(column)] for column in LABELS)
    return Labels.by_row(valence, arousal, str(path), lines=np.arange(2, len(lines) + 1))


def _number(cell: str, path: Path, line: int) -> float:
    try:
        return read_number(cell)
    except ValueError:
        what = f"{cell.strip()!r} is not a number; it must be in [-1, 1], or -5"
        raise _bad(path, line, what) from None


def _bad(path: Path, line: int, what: str) -> RejectedClip:
    return RejectedClip("bad_labels", f"{path}, line {line}: {what}")
