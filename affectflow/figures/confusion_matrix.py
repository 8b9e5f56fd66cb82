"""A confusion matrix (paper 0, Figs. 6-7; paper 1, Fig. 4; paper 4, Figs. 5-6)."""

from __future__ import annotations

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.patches import Rectangle

from affectflow.figures.drawing import drawn, new_figure
from affectflow.figures.palette import INK
from affectflow.figures.svg import NothingToDraw, Svg, as_svg
from affectflow.figures.words import count, counted, share, shown
from affectflow.metrics import Confusion

_FILL = "#117aba"
"""As far from black as from white: a number in the page's colour can be read on it."""
_FULLEST = 0.85
_CELL = 62


@drawn
def confusion_matrix(confusion: Confusion, *, title: str, figure_id: str) -> Svg:
    """Rows the truth, columns the prediction; a cell says its share of the row, and its count.

    The fuller a cell, the larger its share of the row: the diagonal of a good model is full.

    Args:
        confusion: of C classes, any names.
        title: what was classified, by which model.

    Raises:
        NothingToDraw: it counts no pair.
    """
    if not confusion.total:
        raise NothingToDraw("no sample has both a true and a predicted class")
    counts, number = confusion.counts, len(confusion.classes)
    rows = counts.sum(axis=1)
    names = [shown(name, 18) for name in confusion.classes]
    side = number * _CELL
    figure = new_figure(max(460, side + 230), max(300, side + 150))
    axes = figure.add_subplot()
    for (i, j), value in np.ndenumerate(counts):
        part = value / rows[i] if rows[i] else 0.0
        if value:
            axes.add_patch(Rectangle((j, i), 1, 1, fc=_FILL, alpha=_FULLEST * part, lw=0))
        if rows[i]:
            text = f"{share(value, rows[i])}\n{count(value)}" if value else "0"
            weight = "bold" if i == j else "normal"
            axes.text(
                j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=11, fontweight=weight
            )
    axes.set(xlim=(0, number), ylim=(number, 0), aspect="equal")
    axes.hlines(range(number + 1), 0, number, color=INK, lw=1, alpha=0.25)
    axes.vlines(range(number + 1), 0, number, color=INK, lw=1, alpha=0.25)
    at = np.arange(number) + 0.5
    axes.set_xticks(at, names, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(at, [f"{name} ({count(n)})" for name, n in zip(names, rows)])
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set(xlabel="predicted class", ylabel="true class (samples)")
    axes.set_title(f"{shown(title, 60)}\naccuracy {100 * confusion.accuracy:.1f} % of "
                   f"{counted(confusion.total, 'sample')}")  # fmt: skip
    scale = LinearSegmentedColormap.from_list(
        "share", [(*to_rgb(_FILL), 0.0), (*to_rgb(_FILL), _FULLEST)]
    )
    bar = figure.colorbar(ScalarMappable(Normalize(0, 100), scale), ax=axes, shrink=0.7, aspect=24)
    bar.set_label("share of the true class (%)")
    bar.ax.spines["outline"].set(edgecolor=INK, alpha=0.25)
    return as_svg(figure, figure_id, f"Confusion matrix: {shown(title)}", _words(confusion))


def _words(confusion: Confusion) -> str:
    said = (
        f"{counted(confusion.total, 'sample')}, accuracy {100 * confusion.accuracy:.1f} %. Found "
        "of each class: "
    )
    rows = confusion.counts.sum(axis=1)
    said += ", ".join(
        f"{shown(name)} {share(confusion.counts[i, i], rows[i]) or 'none there'}"
        for i, name in enumerate(confusion.classes)
    )
    wrong = confusion.counts * ~np.eye(len(rows), dtype=bool)
    if not wrong.any():
        return f"{said}."
    i, j = np.unravel_index(np.argmax(wrong), wrong.shape)
    return (
        f"{said}. Most often mistaken: {shown(confusion.classes[i])} for "
        f"{shown(confusion.classes[j])}, {count(wrong[i, j])} of {count(rows[i])}."
    )
