"""RNN training, windows/s, over the same model on batches of windows that are in memory."""

from __future__ import annotations

import numpy as np

from affectflow.models.cnn import FEATURES
from affectflow.models.settings import RnnSettings
from bench.result import Result
from bench.training import compare
from bench.workbench import Workbench

ROUNDS, HELD = 2, 4
SETTINGS = RnnSettings(steps_per_epoch=6)


def measure(bench: Workbench) -> list[Result]:
    """The ratio."""
    from affectflow.models.rnn import build_rnn
    from affectflow.training.windows import WindowData

    rng = np.random.Generator(np.random.PCG64(0))
    runs = [
        (
            rng.standard_normal((length, FEATURES), np.float32),
            rng.uniform(-1, 1, (length, 2)).astype(np.float32),
        )
        for length in (4000, 3000, 1500, 700, 300)
    ]
    speeds = compare(
        lambda: build_rnn(SETTINGS),
        WindowData(runs, SETTINGS).train,
        SETTINGS,
        bench.root / "rnn_training",
        ROUNDS,
        held=HELD,
    )
    return [Result("rnn_training", speeds.ratio, 0.9, detail=speeds.words("windows"))]
