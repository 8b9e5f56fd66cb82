"""The evaluation itself: predictions in, TFMA's result and each video's tally out, on Beam."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
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
from affectflow.records.predictions import prediction_key
from affectflow.records.shards import read_shard
from components.evaluator.metrics import METRICS
from components.evaluator.rows import Batch, RowReader

SLICES: tuple[tuple[str, ...], ...] = ((), ("corpus",), ("subject_id",), ("video_id",))


def eval_config(settings: GateSettings) -> tfma.EvalConfig:
    """TFMA's configuration: a model spec a stage, its outputs, our metrics, and the slices."""
    outputs = settings.output_names
    return tfma.EvalConfig(
        model_specs=[
            tfma.ModelSpec(
                name=stage,
                label_keys={output: output for output in outputs},
                prediction_keys={output: prediction_key(stage, output) for output in outputs},
            )
            for stage in settings.stage_names
        ],
        metrics_specs=[
            tfma.MetricsSpec(
                metrics=[
                    tfma.MetricConfig(class_name=metric.__name__, module=metric.__module__)
                    for metric in METRICS
                ],
                model_names=list(settings.stage_names),
                output_names=list(outputs),
            )
        ],
        slicing_specs=[tfma.SlicingSpec(feature_keys=list(columns)) for columns in SLICES],
    )


class ReadBatches(beam.PTransform):
    """TFRecord files of predictions -> the labelled frames, as ``Batch``es of one video.

    A video's frames share every slice, so TFMA slices a batch at the price of a frame.
    """

    def __init__(self, settings: GateSettings, files: Sequence[str]) -> None:
        super().__init__()
        self._reader = RowReader(settings.stage_names, settings.output_names)
        self._files = list(files)

    def expand(self, pipeline: Any) -> Any:
        """Read, parsed, grouped by video."""
        return (
            pipeline
            # Beam's own reader takes a pattern, in which a folder's "[" or "*" would not be itself.
            | beam.Create(self._files)
            | beam.Reshuffle()
            | "Read" >> beam.FlatMap(lambda file: read_shard(Path(file)))
            | "Parse" >> beam.FlatMap(self._reader.parse)
            | beam.GroupByKey()
            | "Batch" >> beam.FlatMap(self._reader.batches)
        )


class WriteTallies(beam.PTransform):
    """Batches -> one file at ``path`` with a line for each video (see ``tally_from_json``)."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def expand(self, batches: Any) -> Any:
        """Measured, merged by video, written."""
        return (
            batches
            | "Tally" >> beam.Map(_tally)
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
        stages, outputs = self._settings.stage_names, self._settings.output_names
        # TFMA calls a single model "", whatever its name; and without a location for each model,
        # load_eval_result(model_name=...) fails.
        locations = {name: name for name in stages} if len(stages) > 1 else {"": stages[0]}
        metrics_path = os.path.join(self._path, tfma.METRICS_KEY)
        return (
            batches
            | "ToExtracts" >> beam.Map(_to_extracts, stages=stages, outputs=outputs)
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


def _tally(batch: Batch) -> tuple[tuple[str, ...], VideoTally]:
    tally = VideoTally.of(batch.key, batch.frame_indices, batch.labels, batch.predictions)
    return tuple(batch.key), tally


def _merge(tallies: Iterable[VideoTally]) -> VideoTally:
    return sum(tallies, start=VideoTally())


def _to_extracts(
    batch: Batch, stages: Sequence[str], outputs: Sequence[str]
) -> tfma.types.Extracts:
    by_stage = {
        stage: {output: batch.predictions[(stage, output)] for output in outputs}
        for stage in stages
    }
    return {
        tfma.FEATURES_KEY: {
            name: np.array([value], dtype=object) for name, value in batch.key._asdict().items()
        },
        tfma.LABELS_KEY: dict(batch.labels),
        tfma.PREDICTIONS_KEY: by_stage if len(stages) > 1 else by_stage[stages[0]],
    }
