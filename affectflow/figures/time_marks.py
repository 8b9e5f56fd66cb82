"""Marks on a path that say when: by their colour, and by their size."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from affectflow.figures.palette import TIME

_LOOKS = 16


def draw_time_marks(
    axes: Axes,
    passed: np.ndarray,
    points: np.ndarray,
    sizes: tuple[float, float],
    *,
    zorder: float,
    alpha: float = 1.0,
    picture: bool = False,
) -> None:
    """Discs in _LOOKS looks: as many marks of equal look cost a page less than as many looks.

    Args:
        passed: float [n] in [0, 1], the part of the time that has passed.
        points: float [2, n].
        sizes: diameter of the first and of the last, in pixels.
        picture: whether they become an embedded picture (see ``points.MOST_MARKS``).
    """
    look_of = np.minimum((passed * _LOOKS).astype(int), _LOOKS - 1)
    for look in np.unique(look_of):
        part = look / (_LOOKS - 1)
        axes.plot(
            *points[:, look_of == look], "o", color=TIME(part), mew=0, alpha=alpha,
            ms=sizes[0] + (sizes[1] - sizes[0]) * part, zorder=zorder + part / 2,
            rasterized=picture,
        )  # fmt: skip
