"""The valence-arousal plane, with the points that have names (paper 1, Table 2)."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from affectflow.emotions import EMOTIONS
from affectflow.figures.palette import INK
from affectflow.figures.svg import HALO

_NAME_LEFT = ("joy", "disgust", "contempt")
_NAME_SIZE = 11


def reach(*values: np.ndarray) -> float:
    """How far the axes go: to 1, or to the furthest value, as a network may say more than 1."""
    return max(1.0, *(float(np.nanmax(np.abs(part), initial=0)) for part in values))


def draw_plane(axes: Axes, limit: float = 1.0, only: str | None = None) -> None:
    """Axes from -limit to limit, the zero lines, and a cross at each emotion.

    Args:
        only: the one emotion that gets a cross, without its name; None for all, with their names.
    """
    far = 1.06 * limit
    axes.set(xlim=(-far, far), ylim=(-far, far), aspect="equal")
    axes.set(xticks=(-1, -0.5, 0, 0.5, 1), yticks=(-1, -0.5, 0, 0.5, 1))
    axes.set(xlabel="valence (−1 to 1)", ylabel="arousal (−1 to 1)")
    axes.axhline(0, color=INK, alpha=0.3, lw=1, zorder=0)
    axes.axvline(0, color=INK, alpha=0.3, lw=1, zorder=0)
    for emotion, point in EMOTIONS.items():
        if only not in (None, emotion):
            continue
        axes.plot(*point, "+", color=INK, ms=9, mew=1.8, zorder=4)
        if only is not None:
            continue
        left = emotion in _NAME_LEFT
        axes.annotate(
            emotion, point, (-7 if left else 7, 0), textcoords="offset points", gid=HALO,
            fontsize=_NAME_SIZE, ha="right" if left else "left", va="center", zorder=5,
        )  # fmt: skip
