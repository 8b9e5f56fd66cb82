from __future__ import annotations

import io
import json
import math

import pytest
from rich.console import Console

from bench.result import Result, as_json, show


@pytest.mark.parametrize(
    ("value", "at_most", "ok"),
    [(0.7, False, True), (0.69, False, False), (0.7, True, True), (0.71, True, False)],
)
def test_a_bound_is_reached_when_it_is_met_exactly(value: float, at_most: bool, ok: bool) -> None:
    assert Result("r", value, 0.7, at_most).ok is ok


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_no_measurement(value: float) -> None:
    with pytest.raises(ValueError, match="ingest is"):
        Result("ingest", value, 0.7)


def test_json_is_one_line_of_value_bound_and_ok_by_name() -> None:
    line = as_json([Result("ingest", 0.81239, 0.7), Result("memory", 1.2, 1.1, at_most=True)])
    assert "\n" not in line
    assert json.loads(line) == {
        "ingest": {"value": 0.8124, "bound": 0.7, "ok": True},
        "memory": {"value": 1.2, "bound": 1.1, "ok": False},
    }


def test_the_table_has_a_row_a_ratio_with_its_verdict() -> None:
    out = io.StringIO()
    results = [
        Result("ingest", 0.8, 0.7, detail="56 of 70"),
        Result("memory", 1.2, 1.1, at_most=True),
    ]
    show(results, Console(file=out, width=120))
    rows = [line.split() for line in out.getvalue().splitlines()]
    assert ["ingest", "0.800", "at", "least", "0.7", "ok", "56", "of", "70"] in rows
    assert ["memory", "1.200", "at", "most", "1.1", "missed"] in rows
