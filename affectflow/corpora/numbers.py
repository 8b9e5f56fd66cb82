"""Numbers in files of labels: read strictly, and written in messages as they are."""

from __future__ import annotations


def read_number(cell: str) -> float:
    """The number that a cell holds.

    Raises:
        ValueError: it holds none. Python reads "nan" and "1_0" too: nobody annotates so, and such a
            cell is somebody's mistake or damage.
    """
    value = float(cell)
    if value != value or "_" in cell:
        raise ValueError(f"{cell!r} is not a number")
    return value


def said(value: float) -> str:
    """A number with all of its digits, as few as tell it from its neighbours: 1000001, 0.1."""
    return repr(float(value)).removesuffix(".0")
