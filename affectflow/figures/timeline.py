"""Predicted against true values of one video over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from affectflow.figures.drawing import drawn, new_figure
from affectflow.figures.palette import COLOURS, INK, LINES
from affectflow.figures.points import check_ascending, stretches, with_gaps
from affectflow.figures.svg import NothingToDraw, Svg, as_svg
from affectflow.figures.words import counted, number, shown
from affectflow.metrics import ccc

MOST_STEPS = 1200

_TRUTH: dict[str, Any] = {"color": INK, "lw": 4, "alpha": 0.45, "label": "true"}


@drawn
def timeline(
    x: np.ndarray,
    truth: Mapping[str, np.ndarray],
    predicted: Mapping[str, Mapping[str, np.ndarray]],
    *,
    unit: str,
    video: str,
    figure_id: str,
) -> Svg:
    """A panel a label, such as valence and arousal: the truth as a broad line, predictions on it.

    Values that are missing, and steps of x of more than twice the usual, are gaps. A video of more
    than MOST_STEPS values is drawn as that many equally long stretches, each the mean of its
    values; the CCC is of all values.

    Args:
        x: float [n], ascending, finite: when.
        truth: label -> float [n], NaN = not annotated; {} of a video without annotations.
        predicted: stage or model -> label -> float [n], NaN = no prediction.
        unit: of x: ``seconds`` or ``frame``.
        video: any name.

    Raises:
        NothingToDraw: no prediction and no truth has a value.
        ValueError: x does not ascend, or a series is not [n].
    """
    x = np.asarray(x, np.float64)
    check_ascending(x)
    labels = list(dict.fromkeys([*truth, *(label for row in predicted.values() for label in row)]))
    series = {label: _series(label, truth, predicted, x.shape) for label in labels}
    labels = [
        label for label in labels if any(np.isfinite(s).any() for s in series[label].values())
    ]
    if not labels:
        raise NothingToDraw(f"{shown(video)} has neither a prediction nor a label")
    figure = new_figure(920, 70 + 190 * len(labels))
    panels = figure.subplots(len(labels), 1, sharex=True, squeeze=False)[:, 0]
    said = []
    for axes, label in zip(panels, labels):
        agreement = _draw(axes, x, series[label])
        axes.set_title(f"{shown(label)}{agreement}")
        axes.set_ylabel(shown(label))
        said.append(f"{shown(label)}{agreement or ': not compared'}")
    margin = 0.01 * (x[-1] - x[0]) or 0.5
    panels[-1].set_xlim(x[0] - margin, x[-1] + margin)
    when = "time (seconds)" if unit == "seconds" else shown(unit)
    if len(x) > MOST_STEPS:
        when += f"; each point the mean of about {round(len(x) / MOST_STEPS)} values"
    panels[-1].set_xlabel(when)
    figure.legend(*_entries(panels), loc="outside upper right", ncols=5, handlelength=2.6)
    title = f"Predicted and true values of {shown(video)}"
    said.insert(0, f"{counted(len(x), 'value')} from {x[0]:g} to {x[-1]:g} {shown(unit)}")
    return as_svg(figure, figure_id, title, "; ".join(said) + ".")


def _series(
    label: str,
    truth: Mapping[str, np.ndarray],
    predicted: Mapping[str, Mapping[str, np.ndarray]],
    shape: tuple[int, ...],
) -> dict[str, np.ndarray]:
    """ "" -> truth, and each stage's predictions."""
    found = {"": truth.get(label)} | {stage: row.get(label) for stage, row in predicted.items()}
    series = {name: np.full(shape, np.nan) if values is None else np.asarray(values, np.float64)
              for name, values in found.items()}  # fmt: skip
    for name, values in series.items():
        if values.shape != shape:
            raise ValueError(f"{label} of {name or 'truth'} is {values.shape}; {shape} would do")
    return {name: np.where(np.isfinite(values), values, np.nan) for name, values in series.items()}


def _draw(axes: Axes, x: np.ndarray, series: Mapping[str, np.ndarray]) -> str:
    """Draws one panel and returns what its heading says of the agreement."""
    short, values = with_gaps(*stretches(x, np.stack(list(series.values())), MOST_STEPS))
    far = max(1.0, float(np.nanmax(np.abs(values), initial=0)))
    axes.set_ylim(-1.06 * far, 1.06 * far)
    axes.set_yticks((-1, -0.5, 0, 0.5, 1))
    axes.grid(axis="y")
    axes.axhline(0, color=INK, lw=1, alpha=0.5)
    agreements = []
    for i, (name, line) in enumerate(zip(series, values)):
        look = _TRUTH if not name else _look(i - 1, name)
        if not np.isfinite(line).any():
            continue
        axes.plot(short, line, solid_capstyle="butt", **look)
        # What stands alone between two gaps has no line to it.
        there = np.pad(np.isfinite(line), 1)
        alone = there[1:-1] & ~there[:-2] & ~there[2:]
        axes.plot(short[alone], line[alone], ".", color=look["color"], ms=5)
        both = np.isfinite(series[""]) & np.isfinite(series[name])
        if name and both.any():
            agreements.append(f"{shown(name)} {number(ccc(series[''][both], series[name][both]))}")
    return f": CCC {', '.join(agreements)}" if agreements else ""


def _look(number: int, name: str) -> dict[str, Any]:
    return {
        "color": COLOURS[number % len(COLOURS)],
        "ls": LINES[number % len(LINES)],
        "lw": 1.6,
        "label": f"predicted ({shown(name)})",
    }


def _entries(panels: np.ndarray) -> tuple[list[Artist], list[str]]:
    found: dict[str, Artist] = {}
    for axes in panels:
        for handle, label in zip(*axes.get_legend_handles_labels()):
            found.setdefault(label, handle)
    return list(found.values()), list(found)
