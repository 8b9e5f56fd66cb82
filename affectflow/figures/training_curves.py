"""What each epoch of each training stage gave, and which epoch was kept."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator

from affectflow.figures.drawing import drawn, legend_above, new_figure
from affectflow.figures.palette import COLOURS, INK, LINES, MARKERS
from affectflow.figures.points import stretches
from affectflow.figures.svg import NothingToDraw, Svg, as_svg
from affectflow.figures.words import counted, number, shown

WATCHED = "validation_loss"
_MOST_STEPS = 500
_FEW_EPOCHS = 40
"""Up to so many every epoch has a mark."""


@drawn
def training_curves(
    stages: Mapping[str, Sequence[Mapping[str, float]]],
    *,
    figure_id: str,
    shown_logs: Sequence[str] = ("loss", "val_loss", WATCHED),
    kept: str = "lowest validation_loss",
) -> Svg:
    """A panel a stage: the curves of some of its logs, and the epoch of the least WATCHED.

    Args:
        stages: name -> logs of each epoch, first to last (``training.fit.FitResult.history``).
            A log that an epoch lacks, or that is not finite, is a gap.
        shown_logs: which logs have a curve, where they exist; equal ones are drawn once. More
            epochs than _MOST_STEPS are drawn as means of equally many.
        kept: what the mark at the best epoch says of it.

    Raises:
        NothingToDraw: no stage has an epoch with a value.
    """
    curves = {stage: _curves(epochs, shown_logs) for stage, epochs in stages.items()}
    curves = {stage: found for stage, found in curves.items() if found}
    if not curves:
        raise NothingToDraw("no epoch of training was logged")
    figure = new_figure(max(460, min(940, 460 * len(curves))), 345 * math.ceil(len(curves) / 2))
    rows = math.ceil(len(curves) / 2)
    panels = figure.subplots(rows, min(2, len(curves)), squeeze=False).ravel()
    said = []
    for axes, (stage, found) in zip(panels, curves.items()):
        epochs = len(stages[stage])
        best = _best(stages[stage])
        for i, (names, values) in enumerate(found.items()):
            x, drawn_values = stretches(np.arange(1, epochs + 1), values[None], _MOST_STEPS)
            axes.plot(
                x, drawn_values[0], color=COLOURS[i % len(COLOURS)], ls=LINES[i % len(LINES)],
                marker=MARKERS[i % len(MARKERS)] if epochs <= _FEW_EPOCHS else "", ms=4, lw=1.8,
                label=names,
            )  # fmt: skip
        words = f"{shown(stage)}: {counted(epochs, 'epoch')}"
        if best is not None:
            value = stages[stage][best][WATCHED]
            axes.axvline(best + 1, color=INK, lw=1, ls=(0, (2, 2)), alpha=0.6, zorder=1)
            axes.plot(best + 1, value, "*", color=INK, ms=13, zorder=5, clip_on=False,
                      label=f"best: epoch {best + 1}, {number(value, 3)}")  # fmt: skip
            words += f", {kept} {number(value, 4)} in epoch {best + 1}"
        said.append(words)
        axes.set_title(shown(stage), pad=44)
        axes.set(xlabel="epoch", ylabel="loss")
        axes.set_xlim(0.5, epochs + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
        axes.margins(y=0.12)
        axes.grid(axis="y")
        legend_above(axes, columns=2)
    for axes in panels[len(curves) :]:
        axes.axis("off")
    return as_svg(figure, figure_id, "Loss by epoch of training", "; ".join(said) + ".")


def _curves(epochs: Sequence[Mapping[str, float]], names: Sequence[str]) -> dict[str, np.ndarray]:
    """Each curve's name and values, float64 [epochs]; names of equal curves in one."""
    found: list[tuple[str, np.ndarray]] = []
    for name in names:
        values = np.array([_value(logs, name) for logs in epochs], np.float64)
        if not np.isfinite(values).any():
            continue
        for i, (other, its) in enumerate(found):
            if np.array_equal(values, its, equal_nan=True):
                found[i] = (f"{other} = {shown(name)}", its)
                break
        else:
            found.append((shown(name), values))
    return dict(found)


def _value(logs: Mapping[str, float], name: str) -> float:
    value = logs.get(name)
    return math.nan if value is None or not math.isfinite(value) else float(value)


def _best(epochs: Sequence[Mapping[str, float]]) -> int | None:
    values = [_value(logs, WATCHED) for logs in epochs]
    finite = [i for i, value in enumerate(values) if math.isfinite(value)]
    return min(finite, key=lambda i: values[i]) if finite else None
