"""The outputs of all videos of one emotion in the valence-arousal plane (paper 1, Fig. 7)."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize

from affectflow.emotions import EMOTIONS, nearest_emotion
from affectflow.figures.drawing import drawn, new_figure
from affectflow.figures.palette import GREY, INK, TIME
from affectflow.figures.plane import draw_plane, reach
from affectflow.figures.points import MOST_MARKS, stretches
from affectflow.figures.svg import NothingToDraw, Svg, as_svg
from affectflow.figures.time_marks import draw_time_marks
from affectflow.figures.words import count, counted, number, shown

_STEPS = 40
"""A video is drawn as at most so many equally long stretches, each the mean of its frames."""
_FEWEST_STEPS = 6
_MOST_PATHS = 80
"""Nobody could follow the lines of more videos."""
_SIZES = (2.5, 6)
"""Of the first mark and of the last, in pixels."""


@drawn
def of_emotion(
    emotion: str, videos: Mapping[str, tuple[np.ndarray, np.ndarray]], *, figure_id: str
) -> Svg:
    """Every video's path, its marks coloured by time and the larger the later; a ring at its end.

    The more videos there are the fewer of a path's _STEPS have a mark, the last one always, down
    to about _FEWEST_STEPS. Of more than _MOST_PATHS only the marks are drawn; more than MOST_MARKS
    of them are an embedded picture.

    Args:
        emotion: what the videos show; of ``EMOTIONS`` or not.
        videos: by name: valence and arousal, float [n] each, of its frames in order; NaN = none.

    Raises:
        NothingToDraw: no frame has both values.
        ValueError: a video's valence and arousal differ in length.
    """
    paths = [_path(name, *pair) for name, pair in videos.items()]
    paths = [path for path in paths if path.shape[1]]
    if not paths:
        raise NothingToDraw(f"no video of {shown(emotion)} has predictions")
    figure = new_figure(640, 560)
    axes = figure.add_subplot()
    draw_plane(axes, reach(*(path[1:] for path in paths)))
    every = -(-_STEPS // max(_FEWEST_STEPS, min(_STEPS, MOST_MARKS // len(paths))))
    # Counted from the end, so that the last one is there.
    points = np.concatenate([path[:, ::-1][:, ::every] for path in paths], axis=1)
    picture = points.shape[1] > MOST_MARKS
    if len(paths) <= _MOST_PATHS:
        lines = [path[1:].T for path in paths]
        axes.add_collection(LineCollection(lines, colors=GREY, lw=0.8, alpha=0.5, zorder=1))
    draw_time_marks(axes, points[0], points[1:], _SIZES, zorder=2, picture=picture)
    ends = np.array([path[1:, -1] for path in paths]).T
    axes.plot(
        *ends, "o", mfc="none", mec=INK, ms=8, mew=1, alpha=0.7, zorder=3, label="end of a video"
    )
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.2, handletextpad=0.3)
    bar = figure.colorbar(ScalarMappable(Normalize(0, 100), TIME), ax=axes, shrink=0.8, aspect=30)
    bar.set_label("part of the video that has passed (%)")
    bar.ax.spines["outline"].set_visible(False)
    axes.set_title(f"{shown(emotion)}: {counted(len(paths), 'video')}")
    title = f"Outputs of all videos of {shown(emotion)} in the valence-arousal plane"
    return as_svg(figure, figure_id, title, _words(emotion, ends))


def _path(name: str, valence: np.ndarray, arousal: np.ndarray) -> np.ndarray:
    """float64 [3, m]: the part of the video that has passed, in [0, 1], valence and arousal."""
    if np.shape(valence) != np.shape(arousal) or np.ndim(valence) != 1:
        raise ValueError(f"{name!r} has valence {np.shape(valence)} and arousal "
                         f"{np.shape(arousal)}; [n] each would do")  # fmt: skip
    both = np.stack([valence, arousal]).astype(np.float64)
    both = np.where(np.isfinite(both).all(axis=0), both, np.nan)
    passed, points = stretches(np.linspace(0, 1, both.shape[1]), both, _STEPS)
    path = np.vstack([passed, points])
    return path[:, np.isfinite(path).all(axis=0)]


def _words(emotion: str, ends: np.ndarray) -> str:
    """Of the last points, float64 [2, videos]."""
    near = sum(nearest_emotion(*end) == emotion for end in ends.T)
    valence, arousal = (float(np.median(values)) for values in ends)
    said = (
        f"{counted(ends.shape[1], 'video')}; at their ends the median valence is "
        f"{number(valence)} and the median arousal {number(arousal)}"
    )
    if emotion not in EMOTIONS:
        return f"{said}."
    far = np.median([math.dist(end, EMOTIONS[emotion]) for end in ends.T])
    return (
        f"{said}; {count(near)} end nearest to {emotion}, and the median distance from its point "
        f"is {number(float(far))}."
    )
