"""One video's path through the valence-arousal plane (paper 1, Fig. 6)."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize

from affectflow.emotions import nearest_emotion
from affectflow.figures.drawing import drawn, new_figure
from affectflow.figures.palette import INK, TIME
from affectflow.figures.plane import draw_plane, reach
from affectflow.figures.points import check_ascending, stretches
from affectflow.figures.svg import HALO, NothingToDraw, Svg, as_svg
from affectflow.figures.time_marks import draw_time_marks
from affectflow.figures.words import counted, number, shown

MOST_STEPS = 300
_SIZES = (3, 11)
"""Of the first mark and of the last, in pixels."""


@drawn
def trajectory(
    valence: np.ndarray,
    arousal: np.ndarray,
    x: np.ndarray,
    *,
    unit: str,
    video: str,
    figure_id: str,
) -> Svg:
    """The path, coloured by time, its marks the larger the later; a gap in time is a gap in it.

    More than MOST_STEPS values are drawn as that many equally long stretches, each their mean.

    Args:
        valence, arousal: float [n]; NaN = no value.
        x: float [n], ascending, finite: when.
        unit: of x: ``seconds`` or ``frame``.
        video: any name.

    Raises:
        NothingToDraw: no frame has both values.
        ValueError: shapes differ, or x does not ascend.
    """
    valence, arousal, x = (np.asarray(part, np.float64) for part in (valence, arousal, x))
    if not valence.shape == arousal.shape == x.shape or x.ndim != 1:
        raise ValueError(
            f"shapes are {valence.shape}, {arousal.shape}, {x.shape}; one [n] would do"
        )
    check_ascending(x)
    there = np.isfinite(valence) & np.isfinite(arousal)
    if not there.any():
        raise NothingToDraw(f"no frame of {shown(video)} has both valence and arousal")
    both = np.where(there, np.stack([valence, arousal]), np.nan)
    short, points = stretches(x, both, MOST_STEPS)
    figure = new_figure(640, 560)
    axes = figure.add_subplot()
    draw_plane(axes, reach(both))
    scale = Normalize(x[0], x[-1] if x[-1] > x[0] else x[0] + 1)
    pairs = np.stack([points.T[:-1], points.T[1:]], axis=1)
    whole = np.isfinite(pairs).all(axis=(1, 2))
    path = LineCollection(pairs[whole], cmap=TIME, norm=scale, lw=1.2, alpha=0.7, zorder=2)
    path.set_array(short[:-1][whole])
    axes.add_collection(path)
    seen = np.isfinite(points).all(axis=0)
    draw_time_marks(axes, scale(short[seen]), points[:, seen], _SIZES, zorder=3, alpha=0.75)
    first, last = np.flatnonzero(there)[[0, -1]]
    for at, what, up in ((first, "start", -1), (last, "end", 1)):
        point = (valence[at], arousal[at])
        axes.plot(
            *point, "o", mfc="none", mec=INK, ms=5 if what == "start" else 12, mew=1.4, zorder=6
        )
        axes.annotate(
            what, point, (0, up * 14), textcoords="offset points", gid=HALO, ha="center",
            va="center", fontsize=11, fontweight="bold", zorder=7,
        )  # fmt: skip
    bar = figure.colorbar(ScalarMappable(scale, TIME), ax=axes, shrink=0.8, aspect=30)
    bar.set_label("time (seconds)" if unit == "seconds" else shown(unit))
    bar.ax.spines["outline"].set_visible(False)
    axes.set_title(shown(video, 60))
    title = f"Path of {shown(video)} through the valence-arousal plane"
    return as_svg(figure, figure_id, title, _words(both[:, there], x[there], unit))


def _words(points: np.ndarray, x: np.ndarray, unit: str) -> str:
    names = [nearest_emotion(*point) for point in points.T]
    ends = " and ends".join(
        f" at valence {number(points[0, i])}, arousal {number(points[1, i])} ({unit} {x[i]:g}), "
        f"nearest to {names[i]}"
        for i in (0, -1)
    )
    most = max(dict.fromkeys(names), key=names.count)
    part = 100 * names.count(most) / len(names)
    return (
        f"It starts{ends}. Of {counted(len(names), 'frame')} with a value {math.floor(part)} % are "
        f"nearest to {most}."
    )
