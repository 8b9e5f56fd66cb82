"""A measured ratio against its bound, and how a set of them is shown."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Result:
    """One ratio.

    Attributes:
        name: its key in the JSON line.
        value: what was measured.
        bound: what it must reach, or may not exceed.
        at_most: whether the bound is an upper one.
        detail: the two sides, in words.

    Raises:
        ValueError: the value is not a finite number: nothing was measured.
    """

    name: str
    value: float
    bound: float
    at_most: bool = False
    detail: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            raise ValueError(f"{self.name} is {self.value}; a measurement gives a finite number")

    @property
    def ok(self) -> bool:
        return self.value <= self.bound if self.at_most else self.value >= self.bound


def show(results: Iterable[Result], console: Console) -> None:
    """Prints the table, a row a ratio."""
    table = Table(box=None, pad_edge=False)
    table.add_column("measure")
    table.add_column("value", justify="right")
    table.add_column("bound")
    table.add_column("")
    table.add_column("what was seen", overflow="fold")
    for result in results:
        verdict = "[green]ok[/]" if result.ok else "[red]missed[/]"
        bound = f"{'at most' if result.at_most else 'at least'} {result.bound:g}"
        table.add_row(result.name, f"{result.value:.3f}", bound, verdict, result.detail)
    console.print(table)


def as_json(results: Iterable[Result]) -> str:
    """One line: name → {value, bound, ok}."""
    return json.dumps(
        {r.name: {"value": round(r.value, 4), "bound": r.bound, "ok": r.ok} for r in results}
    )
