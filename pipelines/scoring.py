"""Predicting many videos as a Beam job, an element a video: what changes with the runner is scale.

Each video is the work of ``affectflow.predict.job``, as without Beam, so results are the same.
Paths travel, frames do not: workers see the same folders.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.utils.shared import Shared

from affectflow.predict.inputs import Source
from affectflow.predict.job import PredictOptions, VideoReport, try_video
from affectflow.predict.predictor import ReleasePredictor
from affectflow.release import load


def score(
    release: Path,
    sources: Sequence[Source],
    out: Path,
    options: PredictOptions,
    beam_args: Sequence[str],
) -> list[VideoReport]:
    """Predicts videos on Beam; reports in the order of the videos.

    Args:
        release: its folder.
        out: folder of the results.
        beam_args: options of the runner (``pipelines.beam.beam_args``).

    Raises:
        InputError: the release cannot be used. A video that cannot is in its report.
    """
    predict = PredictVideo(str(release.resolve()), str(out.resolve()), options)
    # Workers have working directories of their own.
    items = [
        # As JSON: a name that is no text cannot be an element by itself.
        json.dumps([number, os.path.abspath(source.path), source.name])
        for number, source in enumerate(sources)
    ]
    out.mkdir(parents=True, exist_ok=True)
    # Beside the results, where workers elsewhere can write too.
    with tempfile.TemporaryDirectory(prefix=".scoring-", dir=out.resolve()) as scratch:
        reports = Path(scratch, "reports.jsonl")
        with beam.Pipeline(options=PipelineOptions(list(beam_args))) as pipeline:
            _ = (
                pipeline
                | "Videos" >> beam.Create(items)
                | "SpreadVideos" >> beam.Reshuffle()
                | "Predict" >> beam.ParDo(predict)
                | "Reports" >> beam.io.WriteToText(str(reports), shard_name_template="")
            )
        lines = sorted(json.loads(line) for line in reports.read_text("utf-8").splitlines())
    return [VideoReport(**{**report, "path": sources[number].path}) for number, report in lines]


class PredictVideo(beam.DoFn):
    """[number, path, name] as JSON → a line of JSON; writes the video's files."""

    def __init__(self, release: str, out: str, options: PredictOptions):
        self._release = release
        self._out = out
        self._options = options
        # One model for all workers of a process: it is large, and thread-safe.
        self._shared = Shared()

    def setup(self) -> None:
        self._predictor = self._shared.acquire(self._load)

    def _load(self) -> ReleasePredictor:
        predictor = ReleasePredictor(load(Path(self._release)))
        predictor.load()
        return predictor

    def process(self, item: str) -> Iterator[str]:
        number, path, name = json.loads(item)
        report = try_video(self._predictor, Source(path, name), Path(self._out), self._options)
        yield json.dumps([number, asdict(report)])
