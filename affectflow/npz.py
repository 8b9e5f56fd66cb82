"""Reading NumPy's archives in threads."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import BinaryIO

import numpy as np

# NumPy reads an array's header by Python's parser. CPython 3.11 counts in one place how deep all
# threads are in trees of syntax (gh-106905): where collecting garbage, half-way, lets another go on
# that reads as well, one of them fails with "AST constructor recursion depth mismatch".
_one_at_a_time = threading.Lock()


def load_npz(file: Path | str | BinaryIO) -> dict[str, np.ndarray]:
    """All arrays of an archive that ``np.savez`` wrote, by name, as several threads may at once.

    Raises:
        FileNotFoundError: it is not there.
        affectflow.archive.UNUSABLE: it is damaged, or holds objects that are no arrays.
    """
    with _one_at_a_time, np.load(file, allow_pickle=False) as archive:
        return dict(archive)
