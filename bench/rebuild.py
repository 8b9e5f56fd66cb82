"""Rebuild after one video was added to forty, over the full rebuild of the forty.

Whole rebuilds, every node, one after another in this process; what a process pays once (importing
TFX, building graphs for the first time) is paid by a small rebuild before.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from affectflow.faces.settings import FaceSettings
from bench.result import Result
from bench.workbench import Workbench, worker_options
from pipelines.workspace import Workspace

VIDEOS, FRAMES, ADDED = 40, 150, 2


@dataclass(frozen=True)
class Rebuilt:
    """A finished rebuild.

    Attributes:
        seconds: on the clock, by node.
        uris: of the nodes' outputs, by (node, output).
    """

    seconds: Mapping[str, float]
    uris: Mapping[tuple[str, str], str]


def rebuild(bench: Workbench, corpus: Path, workspace: Path, run: str) -> Rebuilt:
    """Runs the rebuild pipeline of the recipe ``demo`` on a folder of labelled videos."""
    from pipelines.compile import compile_rebuild
    from pipelines.local import run_local
    from pipelines.recipe import load_recipe
    from pipelines.run import start_run
    from pipelines.run_record import Request

    recipe = replace(load_recipe("demo"), corpus="folder", faces=FaceSettings())
    workspace.mkdir(parents=True, exist_ok=True)
    began: dict[str, float] = {}
    took: dict[str, float] = {}

    def on_node(node: str, result: object) -> None:
        now = time.perf_counter()
        if result is None:
            began[node] = now
        else:
            took[node] = now - began[node]

    room = Workspace(workspace)
    _, pipeline = start_run(room, compile_rebuild(recipe), run, Request(recipe, data=str(corpus)))
    options = worker_options(bench.cores)
    results = run_local(pipeline, room, options, on_node)
    uris = {
        (node, key): result.uri(key) for node, result in results.items() for key in result.outputs
    }
    return Rebuilt(took, uris)


def measure(bench: Workbench) -> list[Result]:
    """The ratio of whole rebuilds."""
    root = bench.root / "rebuild"
    bench.rebuilt  # noqa: B018  (warms this process up)
    corpus, workspace = root / "videos", root / "workspace"
    runs = []
    for added in range(ADDED + 1):
        bench.corpus(corpus, VIDEOS + added, FRAMES)
        runs.append(rebuild(bench, corpus, workspace, f"run{added}").seconds)
        bench.say(f"{VIDEOS + added} videos: {_words(runs[-1])}")
    full, later = runs[0], runs[1:]
    again = statistics.median(sum(run.values()) for run in later)
    ingest = statistics.median(run["VideoExampleGen"] for run in later)
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
