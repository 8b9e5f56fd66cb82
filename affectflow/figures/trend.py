"""A metric over runs, with its interval and with how much data it was measured on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from affectflow.figures.drawing import drawn, legend_above, new_figure
from affectflow.figures.palette import BLUE, GREY, INK, VERMILLION
from affectflow.figures.svg import NothingToDraw, Svg, as_svg
from affectflow.figures.ticks import whole_numbers
from affectflow.figures.words import count, counted, number, shown

MOST_RUNS = 60
_MOST_DATES = 8
_LEAST_SPAN = 0.1


@dataclass(frozen=True)
class TrendRun:
    """One run.

    Attributes:
        when: it began; all of a trend with a time zone, or all without.
        name: any text.
        value: of the metric; NaN = the run measured none, and has a place without a mark.
        low, high: ends of its interval; NaN = there is none.
        size: how much data it was measured on; see ``trend``.
        passed: whether the gate let it through; None = no gate spoke.
    """

    when: datetime
    name: str
    value: float
    low: float = math.nan
    high: float = math.nan
    size: int = 0
    passed: bool | None = None


@drawn
def trend(
    runs: Sequence[TrendRun], *, metric: str, size_of: str = "evaluated frames", figure_id: str
) -> Svg:
    """Above the metric, below the size; runs in order of time, equally far apart, latest right.

    Args:
        runs: in any order; the latest MOST_RUNS are drawn.
        metric: its name, such as ``mean CCC``.
        size_of: what ``TrendRun.size`` counts.

    Raises:
        NothingToDraw: no run has a value.
    """
    latest = sorted(runs, key=lambda run: run.when)[-MOST_RUNS:]
    if not any(math.isfinite(run.value) for run in latest):
        raise NothingToDraw(f"no run has a value of {shown(metric)}")
    figure = new_figure(760, 380)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    at = np.arange(len(latest))
    values = np.array([run.value for run in latest], np.float64)
    there = np.isfinite(values)
    above.plot(at[there], values[there], color=GREY, lw=1, zorder=1)
    for look, passed in (
        ({"color": BLUE, "marker": "o", "label": "let through"}, True),
        ({"color": VERMILLION, "marker": "X", "label": "refused"}, False),
        ({"color": INK, "marker": "D", "label": "no gate"}, None),
    ):
        part = np.array([run.passed is passed for run in latest]) & there
        if part.any():
            bars = [_interval(run) for run in np.array(latest, object)[part]]
            above.errorbar(at[part], values[part], np.array(bars).T, ls="", ms=8, capsize=3,
                           elinewidth=1.4, **look)  # fmt: skip
    above.margins(y=0.15)
    low, high = above.get_ylim()
    # Runs that are all alike must not look as if they were far apart.
    more = max(0.0, _LEAST_SPAN - (high - low)) / 2
    above.set_ylim(low - more, high + more)
    above.grid(axis="y")
    above.set_ylabel(shown(metric))
    legend_above(above)
    below.bar(at, [run.size for run in latest], 0.6, color=BLUE)
    below.set_ylim(0, 1.1 * max(1, *(run.size for run in latest)))
    below.set_ylabel(shown(size_of).replace(" ", "\n", 1))
    below.yaxis.set_major_locator(whole_numbers(3))
    below.yaxis.set_major_formatter(lambda value, _: count(round(value)))
    dated = at[:: -(-len(latest) // _MOST_DATES)]
    below.set_xticks(dated, [f"{latest[i].when:%Y-%m-%d\n%H:%M}" for i in dated])
    below.set_xlim(-0.6, len(latest) - 0.4)
    below.set_xlabel("start of the run")
    figure.align_ylabels()
    return as_svg(figure, figure_id, f"{shown(metric)} over runs", _words(latest, metric, size_of))


def _interval(run: TrendRun) -> tuple[float, float]:
    """How far it reaches below and above the value; 0 where there is none."""
    if not (math.isfinite(run.low) and math.isfinite(run.high)):
        return 0.0, 0.0
    return max(0.0, run.value - run.low), max(0.0, run.high - run.value)


def _words(latest: list[TrendRun], metric: str, size_of: str) -> str:
    valued = [run for run in latest if math.isfinite(run.value)]
    last, best = valued[-1], max(valued, key=lambda run: run.value)
    said = f"{counted(len(latest), 'run')}; {shown(metric)} of the latest {number(last.value, 3)}"
    if math.isfinite(last.low) and math.isfinite(last.high):
        said += f" (interval {number(last.low, 3)} to {number(last.high, 3)})"
    return (
        f"{said} on {count(last.size)} {shown(size_of)} ({shown(last.name)}, "
        f"{last.when:%Y-%m-%d}), best {number(best.value, 3)} ({shown(best.name)}, "
        f"{best.when:%Y-%m-%d})."
    )
