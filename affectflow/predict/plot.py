"""A CSV file of predictions as a picture: the path through the plane, and the curves over time."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from affectflow.corpora.files import as_id
from affectflow.emotions import EMOTIONS
from affectflow.files import whole_file
from affectflow.plane import LABELS
from affectflow.predict.annotated.boxes import person_colour
from affectflow.predict.curves import MOST_PEOPLE, NOBODY, Curves, read_curves
from affectflow.predict.results import MARK

_GREY = "#b0b0b0"
_TITLE_LETTERS = 90


def draw_plot(csv: Path, png: Path, title: str) -> None:
    """Draws a CSV of ``affectflow.predict.rows`` as a PNG, which appears whole or not at all.

    Args:
        title: any text, such as a file's name: no letter of it means anything.

    Raises:
        InputError: ``csv`` holds no predictions.
        OSError: ``csv`` cannot be read, or ``png`` not written; nothing is left behind.
    """
    figure = plot_figure(read_curves(csv), title)
    with whole_file(png) as part, warnings.catch_warnings():
        # A name in a script that the font has no letters for is drawn with boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(part, format="png", metadata={"Software": MARK})


def plot_figure(curves: Curves, title: str) -> Figure:
    """The figure: left the plane, where both labels are there; right a curve a label."""
    labels = [label for label in LABELS if curves.has(label)]
    both = len(labels) == len(LABELS)
    figure = Figure(figsize=(12 if both else 9, 5.4), dpi=110, layout="constrained")
    figure.suptitle(_heading(curves, title), parse_math=False, fontsize=11)
    if not labels:
        axes = figure.add_subplot()
        axes.axis("off")
        axes.text(0.5, 0.5, f"no face in {_count(curves.frames, 'frame')}", fontsize=14,
                  ha="center", va="center")  # fmt: skip
        return figure
    grid = GridSpec(len(labels), 2 if both else 1, figure=figure,
                    width_ratios=(1, 1.2) if both else None)  # fmt: skip
    if both:
        _draw_plane(figure, figure.add_subplot(grid[:, 0]), curves)
    column = [figure.add_subplot(grid[row, -1]) for row in range(len(labels))]
    for axes, label in zip(column, labels):
        _draw_curves(axes, curves, label)
        axes.tick_params(labelbottom=axes is column[-1])
    column[-1].set_xlabel(curves.unit)
    column[0].legend(
        loc="lower right", bbox_to_anchor=(1, 1), ncols=MOST_PEOPLE + 1, fontsize=8,
        handlelength=1.4, columnspacing=1.4, frameon=False, borderaxespad=0.2,
    )  # fmt: skip
    return figure


def _heading(curves: Curves, title: str) -> str:
    text = "".join(letter if letter.isprintable() else "?" for letter in as_id(title))
    if len(text) > _TITLE_LETTERS:
        half = _TITLE_LETTERS // 2
        text = f"{text[:half]}…{text[-half:]}"
    drawn = len(set(curves.lines) - {NOBODY})
    if curves.people > drawn:
        text += f"\n{drawn} of {curves.people} people: those with most values"
    return text


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _name(person: int) -> str:
    return "filled" if person == NOBODY else f"person {person}"


def _colour(person: int) -> tuple[float, float, float]:
    red, green, blue = (90, 90, 90) if person == NOBODY else person_colour(person)
    return red / 255, green / 255, blue / 255


def _draw_plane(figure: Figure, axes: Axes, curves: Curves) -> None:
    """Paths coloured by time; a person's number stands at the end of the path."""
    axes.set(xlim=(-1, 1), ylim=(-1, 1), xlabel="valence", ylabel="arousal", aspect="equal")
    axes.set_xticks((-1, -0.5, 0, 0.5, 1))
    axes.set_yticks((-1, -0.5, 0, 0.5, 1))
    axes.axhline(0, color="#dddddd", lw=0.8, zorder=0)
    axes.axvline(0, color="#dddddd", lw=0.8, zorder=0)
    for name, (valence, arousal) in EMOTIONS.items():
        axes.plot(valence, arousal, "o", color=_GREY, ms=3, zorder=1)
        inside = valence < 0.8
        axes.annotate(
            name, (valence, arousal), (4 if inside else -4, 3), textcoords="offset points",
            color="#909090", fontsize=8, ha="left" if inside else "right", zorder=1,
        )  # fmt: skip
    scale = Normalize(curves.start, curves.end)
    # Thin where there is much to draw: thousands of steps would be a blot.
    steps = sum(int(np.isfinite(values[LABELS[0]]).sum()) for values in curves.lines.values())
    width = 1.4 if steps <= 800 else 0.7
    for values in curves.lines.values():
        points = np.stack([values[label] for label in LABELS], axis=-1)
        pairs = np.stack([points[:-1], points[1:]], axis=1)
        whole = np.isfinite(pairs).all(axis=(1, 2))
        path = LineCollection(pairs[whole], cmap="viridis", norm=scale, lw=width, alpha=0.8)
        path.set_array(curves.x[:-1][whole])
        axes.add_collection(path)
        valence, arousal = points.T
        axes.scatter(valence, arousal, c=curves.x, cmap="viridis", norm=scale, s=2 * width**2,
                     zorder=2)  # fmt: skip
    for person, values in curves.lines.items():
        points = np.stack([values[label] for label in LABELS], axis=-1)
        points = points[np.isfinite(points).all(axis=1)]
        if person != NOBODY and len(points):
            axes.plot(*points[-1], "o", color=_colour(person), ms=13, mec="white", zorder=4)
            axes.annotate(str(person), points[-1], color="white", fontsize=8, fontweight="bold",
                          ha="center", va="center", zorder=5)  # fmt: skip
    bar = figure.colorbar(ScalarMappable(scale, "viridis"), ax=axes, shrink=0.8, aspect=30)
    bar.set_label(curves.unit)


def _draw_curves(axes: Axes, curves: Curves, label: str) -> None:
    # A value beyond 1 is a network's mistake that is to be seen.
    reach = max(1.0, *(np.nanmax(np.abs(values[label]), initial=0) for values in
                       curves.lines.values()))  # fmt: skip
    axes.set(ylim=(-1.05 * reach, 1.05 * reach), ylabel=label)
    margin = 0.01 * (curves.end - curves.start)
    axes.set_xlim(curves.start - margin, curves.end + margin)
    axes.set_yticks((-1, -0.5, 0, 0.5, 1))
    axes.grid(alpha=0.3)
    axes.axhline(0, color="#888888", lw=0.8)
    for person, labels in curves.lines.items():
        values, colour = labels[label], _colour(person)
        axes.plot(curves.x, values, color=colour, label=_name(person), lw=1.3)
        # What stands alone between two gaps has no line to it.
        there = np.pad(np.isfinite(values), 1)
        alone = there[1:-1] & ~there[:-2] & ~there[2:]
        axes.plot(curves.x[alone], values[alone], ".", color=colour, ms=4)
