"""Predicting a video: frames/s over what its parts allow, and memory of 10 minutes over 1.

The bound is cores ÷ processor seconds a frame of decode + detect + CNN + GRU, each measured alone
on the same clips: the CNN by bare predict on images in memory, the GRU on whole runs of features.
In the measured side is everything from file to CSV with the model loaded: following people,
aligning and encoding crops, the transform from crop to image, carrying states, writing rows.
Networks are of the paper's size and untrained: what they say does not change what they cost.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path

import numpy as np

from bench.cost import OthersMeter, cpu_seconds, peak_tree_bytes, seconds
from bench.ingest import cost_of_parts
from bench.interleave import interleaved
from bench.memory import MINUTE, ROOT
from bench.result import Result
from bench.workbench import Workbench

FRAMES, VIDEOS, ROUNDS = 1500, 2, 2
BATCH = 128
IMAGES = 1024


def measure(bench: Workbench) -> list[Result]:
    """Both ratios."""
    from bench.untrained import write_release

    root = bench.root / "predict"
    release = write_release(root / "releases", root / "serving", image_size=96)
    return [_speed(bench, release), _memory(bench, release)]


def _speed(bench: Workbench, release: Path) -> Result:
    import affectflow
    from affectflow.predict.inputs import Source
    from affectflow.predict.job import PredictOptions, predict_video

    root = bench.root / "predict"
    videos = [bench.video(root / "videos" / f"{n}.mp4", FRAMES, n) for n in range(VIDEOS)]
    predictor = affectflow.load_release(release)
    networks = _Networks()
    names, meters = count(), []

    def whole() -> float:
        frames = 0

        def work() -> None:
            nonlocal frames
            for video in videos:
                source = Source(str(video), f"run{next(names)}")
                frames += predict_video(predictor, source, root / "out", PredictOptions()).frames

        with OthersMeter() as meter:
            took = seconds(work)
        meters.append(meter.others)
        return frames / took

    def parts() -> float:
        faces = cost_of_parts(videos)
        return faces["decode"] + faces["detect"] + networks.cost()

    # The first video pays for tracing the networks and for MediaPipe's first call.
    whole()
    meters.clear()
    speed, cost = interleaved(whole, parts, ROUNDS)
    allowed = bench.cores / cost
    return Result(
        "predict",
        speed / allowed,
        0.7,
        detail=(
            f"{speed:.0f} frames/s of {allowed:.0f} that {1000 * cost:.2f} ms a frame allow on "
            f"{bench.cores} processors, of which others used {sum(meters) / len(meters):.1f}"
        ),
    )


class _Networks:
    """The CNN and the GRU by themselves."""

    def __init__(self) -> None:
        from affectflow.models.cnn import build_cnn, feature_model
        from affectflow.models.rnn import build_rnn, carried_model
        from affectflow.models.settings import CnnSettings, RnnSettings

        settings = CnnSettings()
        self._cnn = feature_model(build_cnn(settings, image_mean=0.5, image_variance=0.05))
        self._gru = carried_model(build_rnn(RnnSettings()))
        rng = np.random.Generator(np.random.PCG64(0))
        size = settings.image_size
        self._images = rng.random((IMAGES, size, size, 1), np.float32)
        self._features = rng.random((1, IMAGES, 300), np.float32)
        self._state = np.zeros((1, int(self._gru.input[1].shape[1])), np.float32)
        self.cost()

    def cost(self) -> float:
        """Processor seconds a frame."""
        before = cpu_seconds()
        self._cnn.predict(self._images, batch_size=BATCH, verbose=0)
        self._gru.predict([self._features, self._state], verbose=0)
        return (cpu_seconds() - before) / IMAGES


def _memory(bench: Workbench, release: Path) -> Result:
    def peak(minutes: int) -> float:
        folder = bench.root / "predict" / f"{minutes}min"
        video = bench.video(folder / "video.mp4", minutes * MINUTE)
        argv = [sys.executable, "-m", "pipelines.cli", "predict", str(video)]
        argv += ["--release", str(release), "--out", str(folder / "out")]
        return peak_tree_bytes(argv, ROOT) / 2**20

    short, long = peak(1), peak(10)
    return Result(
        "predict_memory",
        long / short,
        1.1,
        at_most=True,
        detail=f"{long:.0f} MiB for 10 minutes, {short:.0f} MiB for 1",
    )
