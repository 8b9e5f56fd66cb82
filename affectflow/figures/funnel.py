"""How many videos and frames each step of a rebuild left, and why the others went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.gridspec import GridSpec

from affectflow.errors import RejectedClip
from affectflow.figures.bars import draw_bars, height_of
from affectflow.figures.drawing import drawn, legend_above, new_figure
from affectflow.figures.svg import NothingToDraw, Svg, as_svg
from affectflow.figures.words import listing, share, shown
from affectflow.records.counts import FrameCounts

_STEPS = ("decoded", "with a face", "labelled", "balanced")
_CAUSES = ("no face", "no label", "labelled (0, 0)", "too many of a kind")
_ROW_FRAME = 74
"""Pixels of a row of panels beside its bars: heading, legend, axis."""


@drawn
def funnel(frames: Mapping[str, FrameCounts], clips: Mapping[str, Any], *, figure_id: str) -> Svg:
    """Videos listed and used, frames decoded, with a face, labelled and balanced; rejects beside.

    Args:
        frames: by split, of ``records.counts.load_counts``; of ``balanced_counts``, or the last
            step shows what no sampler has seen yet.
        clips: of the same: ``listed``, ``used``, and ``rejected`` by cause.

    Raises:
        NothingToDraw: no video is listed and no frame decoded.
    """
    rejected: Mapping[str, int] = clips.get("rejected", {})
    listed, used = int(clips.get("listed", 0)), int(clips.get("used", 0))
    if not listed and not any(row.decoded for row in frames.values()):
        raise NothingToDraw("no video is listed and no frame was decoded")
    left = {shown(split): _left(row) for split, row in frames.items()}
    gone = {shown(split): _gone(row) for split, row in frames.items()}
    causes = [_in_words(cause) for cause in rejected]
    heights = [height_of(max(2, len(causes)), 1), height_of(len(_STEPS), len(frames) or 1)]
    figure = new_figure(920, sum(heights) + len(heights) * _ROW_FRAME)
    grid = GridSpec(2, 2, figure=figure, height_ratios=heights)
    axes = figure.add_subplot(grid[0, 0])
    draw_bars(axes, ("listed", "used"), {"all": (listed, used)},
              {"all": ("", _of(used, listed))})  # fmt: skip
    axes.set(title="videos", xlabel="videos")
    axes = figure.add_subplot(grid[0, 1])
    if rejected:
        draw_bars(axes, causes, {"all": list(rejected.values())},
                  {"all": [_of(n, listed) for n in rejected.values()]})  # fmt: skip
        axes.set(title="rejected videos, by cause", xlabel="videos")
    else:
        _say(axes, "no video was rejected")
    axes = figure.add_subplot(grid[1, 0])
    _frames(axes, "frames", _STEPS, left, frames)
    axes = figure.add_subplot(grid[1, 1])
    _frames(axes, "frames that went, by cause", _CAUSES, gone, frames)
    return as_svg(figure, figure_id, "Videos and frames after each step", _words(
        frames, listed, used, dict(zip(causes, rejected.values()))))  # fmt: skip


def _left(row: FrameCounts) -> Sequence[int]:
    return row.decoded, row.faces, row.faces - row.no_label, row.kept


def _gone(row: FrameCounts) -> Sequence[int]:
    return row.no_face, row.no_label, row.removed_zero, row.removed_balancing


def _of(part: int, whole: int) -> str:
    return f"({share(part, whole)})" if whole else ""


def _in_words(cause: str) -> str:
    """A cause as text: codes are joined by underscores, unknown ones may hold anything."""
    return cause.replace("_", " ") if cause in RejectedClip.CAUSES else shown(cause)


def _frames(
    axes: Axes,
    title: str,
    groups: Sequence[str],
    values: Mapping[str, Sequence[int]],
    frames: Mapping[str, FrameCounts],
) -> None:
    whole = {shown(split): row.decoded for split, row in frames.items()}
    notes = {s: [_of(n, whole[s]) for n in row] for s, row in values.items()}
    draw_bars(axes, groups, values, notes)
    axes.set_title(title, pad=24 if len(values) > 1 else 6)
    axes.set_xlabel("frames (% of the decoded)")
    if len(values) > 1:
        legend_above(axes)


def _say(axes: Axes, text: str) -> None:
    axes.axis("off")
    axes.text(0, 0.5, text, va="center")


def _words(
    frames: Mapping[str, FrameCounts], listed: int, used: int, rejected: Mapping[str, int]
) -> str:
    said = f"Videos: {listed:,} listed, {used:,} used"
    if rejected:
        said += f"; rejected: {listing([f'{n:,} {cause}' for cause, n in rejected.items()])}"
    for split, row in frames.items():
        steps = [f"{n:,} {name}" for name, n in zip(_STEPS, _left(row))]
        said += f". Frames of {shown(split)}: {listing(steps)}"
    return f"{said}."
