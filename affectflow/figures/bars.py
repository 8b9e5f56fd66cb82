"""Horizontal bars in groups, one bar a split, each with its number at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from affectflow.figures.palette import INK, bar_style
from affectflow.figures.ticks import whole_numbers
from affectflow.figures.words import count

THICK = 17
"""Height of a bar in pixels, with its space; a number of 11 px fits."""
BETWEEN = 12
"""Space between groups, in pixels."""


def height_of(groups: int, bars: int) -> int:
    """Of axes with so many groups of so many bars, in pixels."""
    return groups * (bars * THICK + BETWEEN)


def draw_bars(
    axes: Axes,
    groups: Sequence[str],
    values: Mapping[str, Sequence[int | None]],
    notes: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Draws groups from top to bottom, their names at the axis.

    Args:
        groups: names, as they are to be shown.
        values: of each split, a number a group; None = there is none, which is not 0.
        notes: of each split, what stands behind a number.
    """
    thick, between = THICK, BETWEEN
    group = len(values) * thick + between
    most = max((v for row in values.values() for v in row if v is not None), default=0)
    for number, (split, row) in enumerate(values.items()):
        at = np.arange(len(groups)) * group + number * thick + between / 2 + thick / 2
        # Nothing has no bar, not even its outline.
        lengths = [v or np.nan for v in row]
        axes.barh(at, lengths, 0.76 * thick, label=split, **bar_style(number))
        for i, (y, value) in enumerate(zip(at, row)):
            text = "none" if value is None else count(value)
            note = notes[split][i] if notes else ""
            axes.annotate(
                f"{text} {note}".strip(), (value or 0, y), (5, 0), textcoords="offset points",
                va="center_baseline", fontsize=11,
            )  # fmt: skip
    axes.set_ylim(len(groups) * group, 0)
    # Room for the number behind the longest bar.
    axes.set_xlim(0, 1.45 * max(most, 1))
    axes.set_yticks((np.arange(len(groups)) + 0.5) * group, groups)
    axes.tick_params(axis="y", length=0)
    axes.xaxis.set_major_locator(whole_numbers())
    axes.xaxis.set_major_formatter(lambda value, _: count(round(value)))
    axes.axvline(0, color=INK, lw=1)
    axes.spines["left"].set_visible(False)
