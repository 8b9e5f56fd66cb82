"""What a scheduler pays for a node beside its work, over what importing TFX costs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.cost import seconds
from bench.interleave import interleaved
from bench.result import Result
from bench.workbench import Workbench

BOUND = 0.5
ROUNDS = 3
_PROJECT = Path(__file__).resolve().parents[1]


def measure(bench: Workbench) -> list[Result]:
    """A whole process of the node runner whose node is complete already, over ``import tfx.v1``."""
    workspace = bench.root / "node-start"
    runner = [
        "-m", "pipelines.run_node", "--pipeline", "demo_rebuild", "--node", "FramesSchema",
        "--run-id", "demo_rebuild.bench", "--workspace", str(workspace),
        "--parameters", json.dumps({"data": str(workspace)}),
    ]  # fmt: skip
    _python(runner)
    start, tfx = interleaved(
        lambda: seconds(lambda: _python(runner)),
        lambda: seconds(lambda: _python(["-c", "import tfx.v1"])),
        ROUNDS,
    )
    detail = f"a node's process with nothing to do {start:.1f} s, import tfx.v1 {tfx:.1f} s"
    return [Result("node_start", start / tfx, BOUND, at_most=True, detail=detail)]


def _python(arguments: list[str]) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=_PROJECT, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
