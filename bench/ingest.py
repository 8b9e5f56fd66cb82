"""Ingest: frames/s of VideoExampleGen over what its parts would allow on all processors.

The bound of the sum of parts is cores ÷ processor seconds a frame of decode + detect + align +
encode, each measured alone on the same clips. In the measured side is the whole executor: listing
and digesting, Beam's start, building a detector a worker, the store of faces, following a person,
labels, and writing the shards. Out of it is importing TFX.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from affectflow.faces.align import align_face
from affectflow.faces.codec import encode_image
from affectflow.faces.detectors import create_detector
from affectflow.faces.settings import FaceSettings
from affectflow.video.decode import stream_frames
from bench.cost import OthersMeter, cpu_seconds, seconds
from bench.interleave import interleaved
from bench.result import Result
from bench.workbench import Workbench, worker_options

# Long enough for what a run pays once, such as building detectors, to weigh as little as it does
# on a real corpus.
VIDEOS, FRAMES, ROUNDS = 12, 1000, 2


def measure(bench: Workbench) -> list[Result]:
    """The ratio."""
    from bench.ingest_job import ingest

    corpus = bench.corpus(bench.root / "ingest" / "videos", VIDEOS, FRAMES)
    videos = sorted(corpus.glob("*.mp4"))
    scratch = (bench.root / "ingest" / f"run{n}" for n in count())
    meters = []

    def whole() -> float:
        out, frames = next(scratch), 0

        def work() -> None:
            nonlocal frames
            frames = ingest(corpus, out, worker_options(bench.cores))

        with OthersMeter() as meter:
            took = seconds(work)
        shutil.rmtree(out)
        meters.append(meter.others)
        return frames / took

    def parts() -> float:
        # A few videos hold every rendered clip.
        return sum(cost_of_parts(videos[: VIDEOS // 3]).values())

    # MediaPipe and Beam import the rest of themselves at their first use.
    ingest(bench.corpus(bench.root / "ingest" / "first", 3, 50), next(scratch), worker_options(1))
    speed, cost = interleaved(whole, parts, ROUNDS)
    allowed = bench.cores / cost
    others = sum(meters) / len(meters)
    # Processors that others use are none that ingest could have used: said, not reckoned in.
    return [
        Result(
            "ingest",
            speed / allowed,
            0.7,
            detail=(
                f"{speed:.0f} frames/s of {allowed:.0f} that {1000 * cost:.2f} ms a frame allow on "
                f"{bench.cores} processors, of which others used {others:.1f} meanwhile"
            ),
        )
    ]


def cost_of_parts(videos: Iterable[Path]) -> dict[str, float]:
    """Processor seconds a frame of decode, detect, align and encode, each alone, by name."""
    settings = FaceSettings()
    spent = dict.fromkeys(("decode", "detect", "align", "encode"), 0.0)
    total = 0

    @contextmanager
    def part(name: str) -> Iterator[None]:
        before = cpu_seconds()
        yield
        spent[name] += cpu_seconds() - before

    detector = create_detector(settings)
    try:
        for video in videos:
            with part("decode"):
                frames = [frame.rgb for frame in stream_frames(video)]
            with part("detect"):
                found = [detector.detect(rgb) for rgb in frames]
            seen = [(rgb, faces[0]) for rgb, faces in zip(frames, found) if faces]
            with part("align"):
                crops = [align_face(rgb, face, settings.size) for rgb, face in seen]
            with part("encode"):
                for crop in crops:
                    encode_image(crop, settings)
            total += len(frames)
            detector.reset()
    finally:
        detector.close()
    return {name: value / total for name, value in spent.items()}
