"""Predictions as a CSV file that appears whole or not at all."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from affectflow.files import whole_file
from affectflow.predict.results import check_ours
from affectflow.predict.rows import COLUMNS, FramePrediction

Write = Callable[[FramePrediction], None]


@contextmanager
def csv_file(target: Path) -> Iterator[Write]:
    """Gives a function that writes a frame; the file is there when the block has ended well.

    An earlier file of predictions is replaced.

    Raises:
        InputError: ``target`` exists and holds something else, such as a corpus's labels.
        OSError: it cannot be written; nothing is left behind.
    """
    check_ours(target)
    with whole_file(target) as part, part.open("w", encoding="utf-8", newline="") as file:
        yield csv_rows(file)


def csv_rows(file: TextIO) -> Write:
    """Writes the head now, and a frame's rows with each call."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    return lambda prediction: writer.writerows(prediction.rows())
