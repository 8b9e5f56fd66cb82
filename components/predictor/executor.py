"""Runs both heads over the runs of features, a file after another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.utils.shared import Shared
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from affectflow import progress
from affectflow.corpora.clip import ClipKey
from affectflow.metrics.smoothing import smooth
from affectflow.models.cnn import head_model
from affectflow.models.files import load_stage
from affectflow.models.sequence_serving import SequenceServing
from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.records.clip_counts import (
    ClipRow,
    counted,
    load_clip_counts,
    of_split,
    reconcile,
    save_clip_counts,
)
from affectflow.records.features import FeatureRun, parse_run
from affectflow.records.predictions import serialize_run
from affectflow.records.shards import read_shard, shards, split_dir, write_shard
from components.parameters import settings_from
from components.predictor.settings import PredictSettings
from components.reports import WriteReports, read_reports

SPLIT = "eval"


class Executor(base_beam_executor.BaseBeamExecutor):
    """Predicts as a Beam job, an element a file of runs."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``predictions``.

        Raises:
            LostRecords: a clip has not as many predictions as features.
        """
        features = artifact_utils.get_single_uri(input_dict["features"])
        predictions = artifact_utils.get_single_instance(output_dict["predictions"])
        expected = of_split(load_clip_counts(features), SPLIT)
        predict = PredictFile(
            out=str(split_dir(predictions.uri, SPLIT)),
            cnn=artifact_utils.get_single_uri(input_dict["cnn"]),
            rnn=artifact_utils.get_single_uri(input_dict["rnn"]),
            settings=settings_from(PredictSettings, exec_properties),
            total=expected.total(),
        )
        told = Path(self._get_tmp_dir(), "predicted.jsonl")
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "Files" >> beam.Create([str(path) for path in shards(features, SPLIT)])
                | "SpreadFiles" >> beam.Reshuffle()
                | "Predict" >> beam.ParDo(predict)
                | "Predicted" >> WriteReports(told)
            )
        split_dir(predictions.uri, SPLIT).mkdir(parents=True, exist_ok=True)
        found = counted(read_reports(told))
        reconcile("predictions", expected, found)
        save_clip_counts(predictions.uri, found)
        predictions.split_names = artifact_utils.encode_split_names([SPLIT])


class Heads:
    """The two ways from features to labels."""

    def __init__(self, cnn_uri: str, rnn_uri: str, state: str):
        cnn, cnn_settings = load_stage(cnn_uri, CnnSettings)
        rnn, rnn_settings = load_stage(rnn_uri, RnnSettings)
        self.labels = cnn_settings.label_names
        self._head = head_model(cnn)
        self._sequence = SequenceServing(rnn, rnn_settings.label, state)
        # Traced here, while one thread has it: Keras makes no promise for several.
        self._sequence.outputs.get_concrete_function()

    def __call__(self, features: np.ndarray) -> dict[str, np.ndarray]:
        """float32 [T, D] of one run → by stage float32 [T, outputs], a row a frame."""
        return {
            "cnn": self._head(features, training=False).numpy(),
            "rnn": self._sequence.outputs(features[np.newaxis]).numpy()[0],
        }


class PredictFile(beam.DoFn):
    """Path of a file of runs → a ClipRow of each clip in it; writes a file of the same name."""

    def __init__(self, out: str, cnn: str, rnn: str, settings: PredictSettings, total: int):
        self._total = total
        self._out = out
        self._cnn = cnn
        self._rnn = rnn
        self._settings = settings
        self._shared = Shared()

    def setup(self) -> None:
        self._heads = self._shared.acquire(
            lambda: Heads(self._cnn, self._rnn, self._settings.state)
        )

    def process(self, path: str) -> Iterator[ClipRow]:
        frames: Counter[ClipKey] = Counter()

        def records() -> Iterator[bytes]:
            for run in map(parse_run, read_shard(Path(path))):
                for record in self._rows(run):
                    yield record
                    frames[ClipKey(SPLIT, run.corpus, run.video_id)] += 1
                progress.advance("predictions", len(run.features), self._total)

        write_shard(Path(self._out, Path(path).name), records())
        yield from ((*clip, count) for clip, count in frames.items())

    def _rows(self, run: FeatureRun) -> Iterator[bytes]:
        radius = self._settings.smooth_radius
        by_stage = {stage: smooth(out, radius) for stage, out in self._heads(run.features).items()}
        yield from serialize_run(run, by_stage, self._heads.labels)
