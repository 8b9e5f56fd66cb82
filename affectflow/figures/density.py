"""How densely the valence-arousal plane is filled, before and after balancing (paper 0, Fig. 3)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from affectflow.figures.drawing import drawn, new_figure
from affectflow.figures.palette import DENSITY, NO_FRAME
from affectflow.figures.svg import NothingToDraw, Svg, as_svg
from affectflow.figures.words import count, counted, shown

_PIXELS = 640
"""About the width, in pixels of a screen of double density, that a panel's picture needs."""


@drawn
def density(grids: Mapping[str, tuple[np.ndarray, np.ndarray]], *, figure_id: str) -> Svg:
    """A row of two heat maps for each subset, all in one logarithmic scale of colours.

    Args:
        grids: by the name of a subset or split: frames a cell before and after balancing, int
            [cells, cells] each, over [-1, 1] x [-1, 1], axis 0 by valence and axis 1 by arousal
            (``DensityGrid.histogram``, ``grids.npz``).

    Raises:
        NothingToDraw: every cell of every grid is empty.
        ValueError: a grid is not square, or holds numbers below 0.
    """
    pairs = {name: tuple(np.asarray(g) for g in pair) for name, pair in grids.items()}
    for name, pair in pairs.items():
        for grid in pair:
            if grid.ndim != 2 or grid.shape[0] != grid.shape[1] or (grid < 0).any():
                raise ValueError(f"the grid of {name!r} is {grid.shape}; counts of 0 or more in "
                                 "a square would do")  # fmt: skip
    most = max((int(g.max(initial=0)) for pair in pairs.values() for g in pair), default=0)
    if not most:
        raise NothingToDraw("no frame falls on the valence-arousal plane")
    scale = LogNorm(1, max(most, 2))
    figure = new_figure(900, 400 * len(pairs))
    axes = figure.subplots(len(pairs), 2, squeeze=False)
    said = []
    for row, (name, pair) in zip(axes, pairs.items()):
        for panel, grid, when in zip(row, pair, ("before", "after")):
            _panel(panel, grid, scale)
            panel.set_title(f"{shown(name)}, {when} balancing\n{_amount(grid)}")
        before, after = (_words(grid) for grid in pair)
        said.append(f"{shown(name)}: before balancing {before}; after it {after}")
    bar = figure.colorbar(panel.images[0], ax=axes, shrink=0.8 / len(pairs) ** 0.5, aspect=28)
    bar.set_label("frames a cell (logarithmic; dark: none)")
    bar.ax.yaxis.set_major_locator(LogLocator(numticks=6))
    bar.ax.yaxis.set_minor_locator(NullLocator())
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: count(round(value))))
    bar.ax.spines["outline"].set_visible(False)
    title = "Frames in the valence-arousal plane, before and after balancing"
    return as_svg(figure, figure_id, title, ". ".join(said) + ".")


def _panel(axes: Axes, grid: np.ndarray, scale: LogNorm) -> None:
    # Cells as squares of pixels: a browser must not blur one into the next.
    times = max(1, round(_PIXELS / len(grid)))
    picture = np.kron(np.ma.masked_equal(grid, 0).filled(0).T, np.ones((times, times)))
    colours = DENSITY.with_extremes(bad=NO_FRAME)
    axes.imshow(np.ma.masked_less(picture, 1), cmap=colours, norm=scale, origin="lower",
                extent=(-1, 1, -1, 1), interpolation="none")  # fmt: skip
    axes.set(xticks=(-1, -0.5, 0, 0.5, 1), yticks=(-1, -0.5, 0, 0.5, 1))
    axes.set(xlabel="valence (−1 to 1)", ylabel="arousal (−1 to 1)")


def _amount(grid: np.ndarray) -> str:
    full = f"{count((grid > 0).sum())} of {count(grid.size)} cells"
    return f"{counted(int(grid.sum()), 'frame')} in {full}"


def _words(grid: np.ndarray) -> str:
    return f"{_amount(grid)}, at most {count(grid.max(initial=0))} in one"
