"""Colours, markers and lines that are told apart on white and on #111, and without colour."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LinearSegmentedColormap, ListedColormap

INK = "#010203"
"""Text and axes. Nobody sees this colour: ``as_svg`` writes ``currentColor`` in its place."""

BLUE = "#0072b2"
VERMILLION = "#d55e00"
GREEN = "#009e73"
PURPLE = "#c46a9b"
OCHRE = "#a87600"
SKY = "#2f8cc0"

COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, OCHRE, SKY)
"""Okabe & Ito's palette ("Color Universal Design", 2008) without black and yellow. Purple, orange
and sky blue are darker than theirs: each has a contrast of 3 or more on white and on #111, which is
what WCAG 2.2, 1.4.11, asks of graphics."""

GREY = "#808080"
MARKERS = ("o", "s", "^", "D", "v", "P")
LINES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2)))

NO_FRAME = "#0b0b14"
"""What a heat map shows where there is nothing: darker than each colour of ``DENSITY``."""

DENSITY = ListedColormap(colormaps["viridis"](np.linspace(0.3, 1, 180)), "density")
"""Few to many. Without viridis' darkest part, which could not be told from ``NO_FRAME``."""

TIME = LinearSegmentedColormap.from_list("time", ("#0072b2", "#8f5fa8", "#d55e00"))
"""First to last. As light all along as ``COLOURS`` are, so that neither end is lost on a page."""


def bar_style(number: int) -> dict[str, Any]:
    """How the bars of the nth split look: full, pale with an outline, or hatched, by turns."""
    colour = COLOURS[number % len(COLOURS)]
    looks: tuple[dict[str, Any], ...] = (
        {"facecolor": colour, "edgecolor": colour},
        {"facecolor": (colour, 0.25), "edgecolor": colour, "linewidth": 1.6},
        {"facecolor": "none", "edgecolor": colour, "hatch": "////"},
    )
    return looks[number % len(looks)]
