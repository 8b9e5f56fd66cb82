"""Rebuild after one video was added to forty, over the full rebuild of the forty.

Whole rebuilds, every node, one after another in this process; what a process pays once (importing
TFX, building graphs for the first time) is paid by a small rebuild before.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping

from bench.result import Result
from bench.workbench import Workbench
from pipelines.node_names import VIDEO_EXAMPLE_GEN

VIDEOS, FRAMES, ADDED = 40, 150, 2


def measure(bench: Workbench) -> list[Result]:
    """The ratio of whole rebuilds."""
    root = bench.root / "rebuild"
    bench.rebuilt  # noqa: B018  (warms this process up)
    corpus, workspace = root / "videos", root / "workspace"
    runs = []
    for added in range(ADDED + 1):
        bench.corpus(corpus, VIDEOS + added, FRAMES)
        runs.append(bench.rebuild(corpus, workspace, f"run{added}").seconds)
        bench.say(f"{VIDEOS + added} videos: {_words(runs[-1])}")
    full, later = runs[0], runs[1:]
    again = statistics.median(sum(run.values()) for run in later)
    ingest = statistics.median(run[VIDEO_EXAMPLE_GEN] for run in later)
    return [
        Result(
            "rebuild",
            again / sum(full.values()),
            0.1,
            at_most=True,
            detail=(
                f"{again:.1f} s of {sum(full.values()):.1f} s; VideoExampleGen alone "
                f"{ingest:.1f} s of {full['VideoExampleGen']:.1f} s"
            ),
        )
    ]


def _words(run: Mapping[str, float]) -> str:
    nodes = ", ".join(f"{node} {took:.1f}" for node, took in run.items())
    return f"{sum(run.values()):.1f} s ({nodes})"
