"""How many samples each class has, by split (paper 0, Table II)."""

from __future__ import annotations

from collections.abc import Mapping

from affectflow.figures.bars import draw_bars, height_of
from affectflow.figures.drawing import drawn, legend_above, new_figure
from affectflow.figures.svg import NothingToDraw, Svg, as_svg
from affectflow.figures.words import count, share, shown


@drawn
def class_counts(
    counts: Mapping[str, Mapping[str, int]], *, figure_id: str, what: str = "frames"
) -> Svg:
    """Bars a class, one a split, with their numbers and their share of the split.

    Args:
        counts: split -> class -> number, classes in the order to be shown; a class that a split
            does not name says "none" there.
        what: is counted.

    Raises:
        NothingToDraw: there is no class, or every number is 0.
    """
    names = list(dict.fromkeys(name for row in counts.values() for name in row))
    whole = {split: sum(row.values()) for split, row in counts.items()}
    if not any(whole.values()):
        raise NothingToDraw(f"no {shown(what)} with a class were counted")
    values = {shown(split): [row.get(name) for name in names] for split, row in counts.items()}
    notes = {
        shown(split): [f"({share(row[n], whole[split])})" if row.get(n) else "" for n in names]
        for split, row in counts.items()
    }
    figure = new_figure(700, 80 + height_of(len(names), len(counts)))
    axes = figure.add_subplot()
    draw_bars(axes, [shown(name, 24) for name in names], values, notes)
    axes.set_xlabel(f"{shown(what)} (% of the split)")
    legend_above(axes)
    said = [f"{shown(split)}: {count(whole[split])} {shown(what)} ("
            + ", ".join(f"{shown(n)} {count(row[n]) if n in row else 'none'}" for n in names) + ")"
            for split, row in counts.items()]  # fmt: skip
    return as_svg(figure, figure_id, f"{shown(what)} of each class".capitalize(),
                  "; ".join(said) + ".")  # fmt: skip
