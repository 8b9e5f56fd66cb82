"""Two runs side by side for people."""

from __future__ import annotations

import re
from typing import Any

from pipelines.cli.console import console
from pipelines.cli.terminal import UNKNOWN, Columns, cell, short
from pipelines.review.compare import SECTIONS, Comparison, Row
from pipelines.review.facts import MARK

_DIGEST = re.compile(r"[0-9a-f]{64}")
# Of these only what differs is of interest, unless all is asked for.
_LONG = ("settings", "versions")


def show_comparison(found: Comparison, everything: bool) -> None:
    """Prints a table a section; what differs is marked."""
    for letter, run_id in (("A", found.a), ("B", found.b)):
        console.print(cell(f"{letter}  {run_id}", "bold"), soft_wrap=True)
    marks = [MARK if beside else "" for beside in found.beside_scores]
    for section in SECTIONS:
        rows = [row for row in found.rows if row.section == section]
        _section(section, rows, everything, marks if section == "metrics" else ["", ""])
    beside = zip("AB", found.beside_scores)
    notes = [*(f"{MARK} {letter}: {words}" for letter, words in beside if words), *found.notes]
    if notes:
        console.print()
    for note in notes:
        console.print(cell(note, "yellow"), soft_wrap=True)


def _section(section: str, rows: list[Row], everything: bool, marks: list[str]) -> None:
    if not rows:
        return
    console.print()
    equal = [row for row in rows if not row.differs]
    hidden = equal if section in _LONG and not everything else []
    shown = [row for row in rows if row not in hidden]
    if shown:
        metrics = section == "metrics"
        heads = [f"{letter}{mark}" for letter, mark in zip("AB", marks)]
        table = Columns("", section, *heads, *(["B less A"] if metrics else []))
        for row in shown:
            style = "bold yellow" if row.differs else ""
            change = "" if row.change is None or not row.differs else f"{row.change:+.4f}"
            table.add_row(
                cell("≠" if row.differs else "", style),
                cell(row.name),
                cell(_value(row.a, metrics), style),
                cell(_value(row.b, metrics), style),
                *([cell(change)] if metrics else []),
            )
        table.print()
    if hidden:
        console.print(f"{len(hidden)} {section} are equal; --all shows them", style="dim")


def _value(value: Any, metric: bool) -> str:
    if value is None or value == "":
        return UNKNOWN
    if isinstance(value, float):
        return f"{value:.4f}" if metric else f"{value:g}"
    return short(value) if isinstance(value, str) and _DIGEST.fullmatch(value) else str(value)
