"""Predictions as a CSV file that appears whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from affectflow.errors import InputError
from affectflow.predict.rows import COLUMNS, FramePrediction
from affectflow.predict.whole_file import whole_file

# Files from before there were shots are predictions, too.
_HEADS = tuple(",".join(columns) for columns in (COLUMNS, COLUMNS[: COLUMNS.index("shot")]))

Write = Callable[[FramePrediction], None]


@contextmanager
def csv_file(target: Path) -> Iterator[Write]:
    """Gives a function that writes a frame; the file is there when the block has ended well.

    An earlier file of predictions is replaced.

    Raises:
        InputError: ``target`` exists and holds something else, such as a corpus's labels.
        OSError: it cannot be written; nothing is left behind.
    """
    _check_ours(target)
    with whole_file(target) as part, part.open("w", encoding="utf-8", newline="") as file:
        yield csv_rows(file)


def csv_rows(file: TextIO) -> Write:
    """Writes the head now, and a frame's rows with each call."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    return lambda prediction: writer.writerows(prediction.rows())


def _check_ours(target: Path) -> None:
    if not target.exists():
        return
    with target.open("rb") as file:
        head = file.readline(4096)
    if head.decode("utf-8", "replace").rstrip("\r\n") not in _HEADS:
        raise InputError(
            f"{target} exists and holds no predictions; another folder as --out would do"
        )
