"""The evaluation itself: predictions in, TFMA's result and each video's tally out, on Beam."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.extractors.slice_key_extractor import SliceKeyExtractor
from tensorflow_model_analysis.writers.eval_config_writer import EvalConfigWriter
from tensorflow_model_analysis.writers.metrics_plots_and_validations_writer import (
    MetricsPlotsAndValidationsWriter,
)

from affectflow.gate import GateSettings, VideoKey, VideoTally
from affectflow.metrics import has_signs
from affectflow.records.predictions import prediction_key
from affectflow.records.shards import read_shard
from components.evaluator.class_metrics import CLASS_METRICS, PNAccuracy
from components.evaluator.metrics import METRICS
from components.evaluator.rows import Batch, RowReader
from components.reports import WriteReports

_COUNTS = "counts"

SLICES: tuple[tuple[str, ...], ...] = ((), ("corpus",), ("subject_id",), ("video_id",))


def eval_config(settings: GateSettings) -> tfma.EvalConfig:
    """TFMA's configuration: a model spec a stage, what it predicts, our metrics, and the slices.

    Classes are measured of frames; what a vote makes of them is the summary's alone.
    """
    names = (*settings.output_names, *settings.class_names)
    return tfma.EvalConfig(
        model_specs=[
            tfma.ModelSpec(
                name=stage,
                label_keys={name: name for name in names},
                prediction_keys={name: prediction_key(stage, name) for name in names},
            )
            for stage in settings.stage_names
        ],
        metrics_specs=[*_output_metrics(settings), *_class_metrics(settings)],
        slicing_specs=[tfma.SlicingSpec(feature_keys=list(columns)) for columns in SLICES],
    )


def _output_metrics(settings: GateSettings) -> list[tfma.MetricsSpec]:
    """Agreement of valence and arousal, where they are predicted."""
    configs = [
        tfma.MetricConfig(class_name=metric.__name__, module=metric.__module__)
        for metric in METRICS
    ]
    spec = tfma.MetricsSpec(
        metrics=configs,
        model_names=list(settings.stage_names),
        output_names=list(settings.output_names),
    )
    return [spec] if settings.output_names else []


def _class_metrics(settings: GateSettings) -> list[tfma.MetricsSpec]:
    """A spec a task, for each has classes of its own."""
    return [
        tfma.MetricsSpec(
            metrics=[
                tfma.MetricConfig(
                    class_name=metric.__name__,
                    module=metric.__module__,
                    config=json.dumps({"classes": list(settings.countable_names[task])}),
                )
                for metric in CLASS_METRICS
                if metric is not PNAccuracy or has_signs(classes)
            ],
            model_names=list(settings.stage_names),
            output_names=[task],
        )
        for task, classes in settings.class_names.items()
    ]


class ReadBatches(beam.PTransform):
    """TFRecord files of predictions -> the labelled frames, as ``Batch``es of one video.

    A video's frames share every slice, so TFMA slices a batch at the price of a frame. What was
    read of each video goes to ``told``, a line [corpus, subject, video, records, labelled] a file
    and video.
    """

    def __init__(self, settings: GateSettings, files: Sequence[str], told: Path) -> None:
        super().__init__()
        self._reader = RowReader(
            settings.stage_names,
            settings.output_names,
            settings.class_names,
            settings.countable_names,
        )
        self._files = list(files)
        self._told = told

    def expand(self, pipeline: Any) -> Any:
        """Read, parsed, grouped by video."""
        read = (
            pipeline
            # Beam's own reader takes a pattern, in which a folder's "[" or "*" would not be itself.
            | beam.Create(self._files)
            | beam.Reshuffle()
            | "Read" >> beam.ParDo(_ReadRows(self._reader)).with_outputs(_COUNTS, main="rows")
        )
        _ = read[_COUNTS] | "Counts" >> WriteReports(self._told)
        return read["rows"] | beam.GroupByKey() | "Batch" >> beam.FlatMap(self._reader.batches)


class _ReadRows(beam.DoFn):
    """A file -> (video, row) of each labelled frame; and what it holds of each video."""

    def __init__(self, reader: RowReader) -> None:
        self._reader = reader

    def process(self, file: str) -> Iterator[Any]:
        records: Counter[tuple] = Counter()
        labelled: Counter[tuple] = Counter()
        for record in read_shard(Path(file)):
            video, row = self._reader.parse(record)
            records[video] += 1
            if row is not None:
                labelled[video] += 1
                yield video, row
        for video, count in records.items():
            yield beam.pvalue.TaggedOutput(_COUNTS, (*video, count, labelled[video]))


class WriteTallies(beam.PTransform):
    """Batches -> one file at ``path`` with a line for each video (see ``tally_from_json``)."""

    def __init__(self, settings: GateSettings, path: str) -> None:
        super().__init__()
        self._countable = settings.countable_names
        self._path = path

    def expand(self, batches: Any) -> Any:
        """Measured, merged by video, written."""
        return (
            batches
            | "Tally" >> beam.Map(_tally, countable=self._countable)
            | "Merge" >> beam.CombinePerKey(_merge)
            | "ToJson" >> beam.MapTuple(lambda key, tally: tally.as_json(VideoKey(*key)))
            | beam.io.WriteToText(self._path, shard_name_template="")
        )


class Analyze(beam.PTransform):
    """Batches -> TFMA's result in the folder ``path``, for ``tfma.load_eval_result``."""

    def __init__(self, settings: GateSettings, path: str) -> None:
        super().__init__()
        self._settings = settings
        self._path = path

    def expand(self, batches: Any) -> Any:
        """TFMA without a model: labels and predictions are there; only slicing is left."""
        config = eval_config(self._settings)
        stages = self._settings.stage_names
        # TFMA calls a single model "", whatever its name; and without a location for each model,
        # load_eval_result(model_name=...) fails.
        locations = {name: name for name in stages} if len(stages) > 1 else {"": stages[0]}
        metrics_path = os.path.join(self._path, tfma.METRICS_KEY)
        return (
            batches
            | "ToExtracts" >> beam.Map(_to_extracts, stages=stages)
            | tfma.ExtractEvaluateAndWriteResults(
                eval_config=config,
                extractors=[SliceKeyExtractor(eval_config=config, materialize=False)],
                writers=[
                    EvalConfigWriter(self._path, eval_config=config, model_locations=locations),
                    MetricsPlotsAndValidationsWriter(
                        output_paths={tfma.METRICS_KEY: metrics_path}, eval_config=config
                    ),
                ],
            )
        )


def _tally(
    batch: Batch, countable: Mapping[str, Sequence[str]]
) -> tuple[tuple[str, ...], VideoTally]:
    tally = VideoTally.of(
        batch.key,
        batch.frame_indices,
        batch.labels,
        batch.predictions,
        batch.classes,
        batch.predicted,
        countable,
    )
    return tuple(batch.key), tally


def _merge(tallies: Iterable[VideoTally]) -> VideoTally:
    return sum(tallies, start=VideoTally())


def _to_extracts(batch: Batch, stages: Sequence[str]) -> tfma.types.Extracts:
    found = {**batch.predictions, **batch.predicted}
    by_stage = {
        stage: {name: values for (of, name), values in found.items() if of == stage}
        for stage in stages
    }
    return {
        tfma.FEATURES_KEY: {
            name: np.array([value], dtype=object) for name, value in batch.key._asdict().items()
        },
        tfma.LABELS_KEY: {**batch.labels, **batch.classes},
        tfma.PREDICTIONS_KEY: by_stage if len(stages) > 1 else by_stage[stages[0]],
    }
