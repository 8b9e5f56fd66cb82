"""Where predictions lie in the plane, right and wrong apart, for each emotion (paper 1, Fig. 5)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from affectflow.figures.drawing import drawn, new_figure
from affectflow.figures.palette import BLUE, VERMILLION
from affectflow.figures.plane import draw_plane, reach
from affectflow.figures.points import MOST_MARKS, one_a_cell
from affectflow.figures.svg import NothingToDraw, Svg, as_svg
from affectflow.figures.words import count, counted, share, shown

_COLUMNS = 5
_STEP = 0.025
"""Two pixels of a panel, half a mark."""
_MANY_STEP = 0.06
"""A whole mark: where there are very many, each is still to be seen for what it is."""


@drawn
def distribution(
    emotions: Sequence[str] | np.ndarray,
    valence: np.ndarray,
    arousal: np.ndarray,
    right: np.ndarray,
    *,
    figure_id: str,
) -> Svg:
    """A panel an emotion, -1 to 1, in the order they occur in: right as discs, wrong as crosses.

    Of points of one kind within a square of ``_STEP`` one is drawn. Where more than MOST_MARKS are
    left, one within ``_MANY_STEP`` is, in an embedded picture. Numbers are of all points.

    Args:
        emotions: [n], the true emotion of each sample.
        valence, arousal: float [n], predicted; a sample with a NaN is left out.
        right: bool [n], whether the sample, or its video, was named rightly.

    Raises:
        NothingToDraw: no sample has both values.
        ValueError: lengths differ.
    """
    names = np.asarray(emotions, dtype=object)
    valence, arousal = np.asarray(valence, np.float64), np.asarray(arousal, np.float64)
    right = np.asarray(right, bool)
    if not names.shape == valence.shape == arousal.shape == right.shape or names.ndim != 1:
        raise ValueError(
            f"shapes are {names.shape}, {valence.shape}, {arousal.shape}, {right.shape}; one [n] "
            "would do"
        )
    there = np.isfinite(valence) & np.isfinite(arousal)
    if not there.any():
        raise NothingToDraw("no sample has a prediction of both valence and arousal")
    limit = reach(valence[there], arousal[there])
    parts = {name: there & (names == name) for name in dict.fromkeys(names[there])}
    kinds = {(name, kind): np.flatnonzero(part & (right == kind))
             for name, part in parts.items() for kind in (False, True)}  # fmt: skip
    marks = {key: at[one_a_cell(valence[at], arousal[at], _STEP)] for key, at in kinds.items()}
    picture = sum(map(len, marks.values())) > MOST_MARKS
    if picture:
        marks = {
            key: at[one_a_cell(valence[at], arousal[at], _MANY_STEP)] for key, at in kinds.items()
        }
    columns = min(_COLUMNS, len(parts))
    rows = math.ceil(len(parts) / columns)
    figure = new_figure(max(420, 50 + 178 * columns), 50 + 205 * rows)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    said = []
    for number, (axes, (name, part)) in enumerate(zip(panels.flat, parts.items())):
        # Of an emotion that has no point of its own nothing is marked.
        draw_plane(axes, limit, only=str(name))
        axes.set(xticks=(-1, 0, 1), yticks=(-1, 0, 1), xlabel="valence", ylabel="arousal")
        for kind in (True, False):
            _draw(axes, valence, arousal, marks[name, kind], kind, picture)
        whole, good = int(part.sum()), int((part & right).sum())
        axes.set_title(
            f"{shown(str(name), 18)}\n{share(good, whole)} right of {count(whole)}", fontsize=11
        )
        if number % columns:
            axes.set_ylabel("")
        if number + columns < len(parts):
            axes.set_xlabel("")
        else:
            axes.tick_params(labelbottom=True)
        said.append(f"{shown(str(name))} {count(good)} of {count(whole)}")
    for axes in panels.flat[len(parts) :]:
        axes.remove()
    figure.legend(*_legend(panels.flat[0]), loc="outside upper left", ncols=2, handletextpad=0.3)
    title = "Predicted points of each emotion in the valence-arousal plane"
    words = f"Right of {counted(int(there.sum()), 'sample')}: {', '.join(said)}."
    return as_svg(figure, figure_id, title, words)


def _look(kind: bool) -> dict[str, Any]:
    if kind:
        return {"marker": "o", "color": BLUE, "ms": 4, "mew": 0, "label": "right"}
    return {"marker": "x", "color": VERMILLION, "ms": 4, "mew": 1.1, "label": "wrong"}


def _draw(
    axes: Axes,
    valence: np.ndarray,
    arousal: np.ndarray,
    at: np.ndarray,
    kind: bool,
    picture: bool,
) -> None:
    axes.plot(valence[at], arousal[at], ls="", zorder=2 + (not kind), rasterized=picture,
              **_look(kind))  # fmt: skip


def _legend(axes: Axes) -> tuple[list[Line2D], list[str]]:
    # Marks of their own: those of a picture would be pictures, too.
    handles = [axes.plot([], [], ls="", **_look(kind))[0] for kind in (True, False)]
    return handles, ["right", "wrong"]
