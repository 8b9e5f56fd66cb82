"""A score of each video or subject, worst first."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from affectflow.figures.drawing import drawn, new_figure
from affectflow.figures.palette import BLUE, INK, VERMILLION
from affectflow.figures.svg import HALO, NothingToDraw, Svg, as_svg
from affectflow.figures.words import count, counted, number, shown

MOST_BARS = 40
_BAR = 20


@drawn
def score_bars(
    scores: Mapping[str, float],
    *,
    metric: str,
    of: str = "video",
    figure_id: str,
    overall: float = math.nan,
) -> Svg:
    """Bars from the worst down, at most MOST_BARS of them; a score below 0 goes to the left.

    Args:
        scores: by name, any text; at most 1 as a rule; NaN = it has none, which is only counted.
        metric: its name, such as ``CCC``.
        of: what a name names, such as ``video``, ``subject``.
        overall: the score of all of them together, a dashed line; NaN = none.

    Raises:
        NothingToDraw: nothing has a score.
    """
    found = sorted((v, name) for name, v in scores.items() if math.isfinite(v))
    if not found:
        raise NothingToDraw(f"no {of} has a value of {metric}")
    without = len(scores) - len(found)
    bars = found[:MOST_BARS]
    figure = new_figure(760, 100 + _BAR * len(bars))
    axes = figure.add_subplot()
    values = np.array([value for value, _ in bars])
    at = np.arange(len(bars))
    axes.barh(at, values, 0.72, color=np.where(values < 0, VERMILLION, BLUE))
    for y, value in zip(at, values):
        axes.annotate(
            number(value), (value, y), (4 if value >= 0 else -4, 0), textcoords="offset points",
            va="center_baseline", ha="left" if value >= 0 else "right", fontsize=11, gid=HALO,
            zorder=4,
        )  # fmt: skip
    axes.set_yticks(at, [shown(name) for _, name in bars])
    axes.set_ylim(len(bars) - 0.4, -0.6)
    low, high = min(0.0, *values), max(1.0, *values, 0.0)
    axes.set_xlim(low - (0.12 if low < 0 else 0), high + 0.08)
    axes.tick_params(axis="y", length=0)
    axes.axvline(0, color=INK, lw=1)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    axes.set_xlabel(f"{shown(metric)} (at best 1)")
    shown_part = f"the {len(bars)} worst of {counted(len(found), of)}"
    if len(bars) == len(found):
        shown_part = f"{counted(len(found), of)}, worst first"
    if without:
        shown_part += f"; {count(without)} without a value"
    if math.isfinite(overall):
        axes.axvline(overall, color=INK, lw=1.4, ls=(0, (4, 2)))
        shown_part += f"; dashed: {number(overall)} of all together"
    axes.set_title(f"{shown(metric)} of {shown_part}", x=0)
    return as_svg(
        figure, figure_id, f"{shown(metric)} of each {shown(of)}", _words(found, of, metric)
    )


def _words(found: list[tuple[float, str]], of: str, metric: str) -> str:
    values = [value for value, _ in found]
    return (
        f"{shown(metric)} of {counted(len(found), shown(of))}: from {number(values[0])} "
        f"({shown(found[0][1])}) to {number(values[-1])} ({shown(found[-1][1])}), median "
        f"{number(float(np.median(values)))}; {count(sum(v < 0 for v in values))} below 0."
    )
