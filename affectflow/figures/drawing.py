"""What Matplotlib is told before any figure of a page is drawn."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from affectflow.figures.palette import INK

_P = ParamSpec("_P")
_R = TypeVar("_R")

_STYLE = {
    "text.parse_math": False,  # "$x^2$" is a name like any other
    "svg.fonttype": "none",
    "svg.hashsalt": "affectflow",
    "font.family": "DejaVu Sans",  # comes with Matplotlib: the same layout on every machine
    "font.size": 12,
    "axes.titlesize": 12,
    "axes.labelsize": 12,
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
    "legend.fontsize": 11,
    "legend.frameon": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": INK,
    "grid.alpha": 0.15,
    "grid.linewidth": 1,
    "hatch.linewidth": 1.2,
}


def drawn(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorates a function that makes a figure: Matplotlib's own defaults, and the style above.

    A matplotlibrc of the user's changes nothing. The settings are Matplotlib's global ones while
    the function runs, so two threads must not draw at the same time; processes may.
    """

    @functools.wraps(function)
    def wrapped(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        defaults = {
            name: value
            for name, value in matplotlib.rcParamsDefault.items()
            if not name.startswith("backend")
        }
        with warnings.catch_warnings():
            # Letters that the font lacks are measured as boxes, but the browser has others.
            warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
            with matplotlib.rc_context({**defaults, **_STYLE}):
                return function(*args, **kwargs)

    return wrapped


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many CSS pixels; sizes of text and lines are pixels, too."""
    layout = ConstrainedLayoutEngine(w_pad=0.06, h_pad=0.06, wspace=0.03, hspace=0.04)
    return Figure(figsize=(width / 72, height / 72), dpi=72, layout=layout)


def legend_above(axes: Axes, columns: int = 4) -> None:
    """A legend over the axes, where it covers no data."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0.2,
        handlelength=2.2, columnspacing=1.6,
    )  # fmt: skip
