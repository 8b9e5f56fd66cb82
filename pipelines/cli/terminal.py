"""Tables and lines in which names stand as they are, times and digests as people read them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import zip_longest
from typing import Any

from rich.text import Text

from pipelines.cli.console import console
from pipelines.visible import visible

UNKNOWN = "-"
_GAP = "  "
_INDENT = 12


def cell(text: object, style: str = "") -> Text:
    """A text without markup, for a table or the console."""
    return Text(visible(text), style=style)


class Columns:
    """A table whose cells are never cut: a terminal that is too narrow breaks the lines.

    rich's own fits a table to the terminal, and cuts the names that one wants to copy.

    Args:
        names: heads of the columns.
        right: those that are aligned to the right.
    """

    def __init__(self, *names: str, right: Collection[str] = ()):
        self._right = [name in right for name in names]
        self._rows: list[list[list[Text]]] = []
        self.add_row(*(cell(name, "bold") for name in names))

    def add_row(self, *cells: Text) -> None:
        """A row, a cell a column; a cell may have several lines."""
        self._rows.append([list(item.split("\n", allow_blank=True)) for item in cells])

    def print(self) -> None:
        """Prints the table."""
        widths = [
            max(line.cell_len for row in self._rows for line in row[column])
            for column in range(len(self._right))
        ]
        for row in self._rows:
            for lines in zip_longest(*row, fillvalue=Text()):
                said = Text(_GAP).join(
                    _aligned(line, width, right)
                    for line, width, right in zip(lines, widths, self._right)
                )
                said.rstrip()
                console.print(said, soft_wrap=True)


def line(name: str, text: object, style: str = "") -> None:
    """Prints a name and what there is to say of it, in a column of their own each."""
    said = cell(f"{name:<{_INDENT}}", "dim").append_text(cell(text, style))
    console.print(said, soft_wrap=True)


def local_time(moment: datetime | None) -> str:
    """ISO 8601 in the machine's time zone, to the second."""
    if moment is None:
        return UNKNOWN
    return moment.astimezone().replace(tzinfo=None).isoformat(" ", timespec="seconds")


def duration(seconds: float | None) -> str:
    """Two units at most: ``4.2 s``, ``3 min 07 s``, ``2 h 05 min``, ``3 d 04 h``."""
    if seconds is None:
        return UNKNOWN
    if seconds < 59.95:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
    return f"{whole // 86400} d {whole % 86400 // 3600:02d} h"


def short(digest: Any) -> str:
    """The first 12 characters of a digest."""
    return str(digest)[:12] if digest else UNKNOWN


def _aligned(text: Text, width: int, right: bool) -> Text:
    blanks = Text(" " * (width - text.cell_len))
    return blanks + text if right else text + blanks
