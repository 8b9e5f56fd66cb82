"""Predicting many videos as a Beam job, an element a video: what changes with the runner is scale.

Each video is the work of ``affectflow.predict.job``, as without Beam, so results are the same.
Paths travel, frames do not: workers see the same folders.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from operator import itemgetter
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.utils.shared import Shared

from affectflow import progress
from affectflow.errors import first_few
from affectflow.predict.inputs import Source
from affectflow.predict.job import PredictOptions, VideoReport, try_video
from affectflow.predict.predictor import ReleasePredictor
from affectflow.private import private_folder
from affectflow.records.clip_counts import LostRecords
from affectflow.release import load
from components.reports import WriteReports, read_reports


def score(
    release: Path,
    sources: Sequence[Source],
    out: Path,
    options: PredictOptions,
    beam_args: Sequence[str],
    trusted: bool = False,
) -> list[VideoReport]:
    """Predicts videos on Beam; reports in the order of the videos.

    Args:
        release: its folder.
        out: folder of the results.
        beam_args: options of the runner (``pipelines.beam.beam_args``).
        trusted: run its model whatever operations it holds.

    Raises:
        InputError: the release cannot be used. A video that cannot is in its report.
        LostRecords: a video has no report, or more than one.
    """
    predict = PredictVideo(
        str(release.resolve()), str(out.resolve()), options, trusted, total=len(sources)
    )
    # Workers have working directories of their own.
    items = [
        # As JSON: a name that is no text cannot be an element by itself.
        json.dumps([number, os.path.abspath(source.path), source.name])
        for number, source in enumerate(sources)
    ]
    private_folder(out)
    # Beside the results, where workers elsewhere can write too.
    with tempfile.TemporaryDirectory(prefix=".scoring-", dir=out.resolve()) as scratch:
        reports = Path(scratch, "reports.jsonl")
        with beam.Pipeline(options=PipelineOptions(list(beam_args))) as pipeline:
            _ = (
                pipeline
                | "Videos" >> beam.Create(items)
                | "SpreadVideos" >> beam.Reshuffle()
                | "Predict" >> beam.ParDo(predict)
                | "Reports" >> WriteReports(reports)
            )
        told = sorted(map(json.loads, read_reports(reports)), key=itemgetter(0))
    _check_all_told(sources, [number for number, _ in told])
    return [VideoReport(**{**report, "path": sources[number].path}) for number, report in told]


def _check_all_told(sources: Sequence[Source], numbers: Sequence[int]) -> None:
    times = Counter(numbers)
    if wrong := [source.path for n, source in enumerate(sources) if times[n] != 1]:
        raise LostRecords(
            f"{len(wrong)} of {len(sources)} videos have no report, or several:"
            f" {first_few(wrong, 5)}. The runner lost or repeated them; predict without --runner,"
            " which has none"
        )


class PredictVideo(beam.DoFn):
    """[number, path, name] as JSON → [number, report] as JSON; writes the video's files."""

    def __init__(self, release: str, out: str, options: PredictOptions, trusted: bool, total: int):
        self._release = release
        self._out = out
        self._options = options
        self._trusted = trusted
        self._total = total
        # One model for all workers of a process: it is large, and thread-safe.
        self._shared = Shared()

    def setup(self) -> None:
        self._predictor = self._shared.acquire(self._load)

    def _load(self) -> ReleasePredictor:
        predictor = ReleasePredictor(load(Path(self._release)), self._trusted)
        predictor.load()
        return predictor

    def process(self, item: str) -> Iterator[str]:
        number, path, name = json.loads(item)
        report = try_video(
            self._predictor,
            Source(path, name),
            Path(self._out),
            self._options,
            on_frame=lambda *_: progress.advance("frames"),
        )
        progress.advance("videos", 1, self._total)
        yield json.dumps([number, asdict(report)])
