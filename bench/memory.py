"""Peak memory of ingest, a 10-minute video over a 1-minute one.

Each in a fresh process, Python and the decoder together. What is fixed (TensorFlow, TFX, Beam, the
detector) is in both, so the growth in MiB is stated beside the ratio.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.cost import peak_tree_bytes
from bench.result import Result
from bench.workbench import FPS, Workbench

MINUTE = 60 * FPS
ROOT = Path(__file__).resolve().parents[1]


def measure(bench: Workbench) -> list[Result]:
    """The ratio."""

    def peak(minutes: int) -> float:
        folder = bench.root / "memory" / f"{minutes}min"
        corpus = bench.corpus(folder / "videos", 1, minutes * MINUTE)
        argv = [sys.executable, "-m", "bench.ingest_job", str(corpus), str(folder / "out")]
        return peak_tree_bytes([*argv, str(bench.cores)], ROOT) / 2**20

    short, long = peak(1), peak(10)
    return [
        Result(
            "memory",
            long / short,
            1.1,
            at_most=True,
            detail=f"{long:.0f} MiB for 10 minutes, {short:.0f} MiB for 1",
        )
    ]
