"""Runs the released model over the clips of the eval split, where that is needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.utils.shared import Shared
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from affectflow.gate import GateSettings, VideoTally
from affectflow.metrics.smoothing import smooth
from affectflow.models.released import ReleasedModel
from affectflow.records.clips import StoredClip, load_clips
from affectflow.records.predictions import serialize_run
from affectflow.records.shards import shard_name, split_dir, write_shard
from affectflow.release import Release, latest
from components.artifacts import FACE_SETTINGS
from components.baseline_predictor.need import (
    label_tally,
    measured_already,
    other_faces,
    predicts,
)
from components.evaluator.baseline import FACES_PROPERTY, RELEASE_PROPERTY
from components.feature_extractor.executor import clip_features, clip_records
from components.predictor.settings import PredictSettings

SPLIT = "eval"


class Executor(base_beam_executor.BaseBeamExecutor):
    """Predicts as a Beam job, an element a clip; see component.py for what goes in and out."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``predictions``, with or without files.

        Raises:
            InputError: the latest release is damaged, or its model is none of this system's.
        """
        frames = artifact_utils.get_single_instance(input_dict["frames"])
        predictions = artifact_utils.get_single_instance(output_dict["predictions"])
        stage = exec_properties["stage"]
        asked = ("outputs", "measure", "tasks", "expressions", "compare")
        settings = GateSettings(
            stage=stage, stages=stage, **{name: exec_properties[name] for name in asked}
        )
        compared = settings.compare == "latest"
        release = latest(Path(exec_properties["releases"])) if compared else None

        split_dir(predictions.uri, SPLIT).mkdir(parents=True, exist_ok=True)
        predictions.split_names = artifact_utils.encode_split_names([SPLIT])
        predictions.set_int_custom_property(RELEASE_PROPERTY, release.number if release else 0)
        if release is None:
            return
        faces = frames.get_string_custom_property(FACE_SETTINGS)
        predictions.set_string_custom_property(FACES_PROPERTY, other_faces(release, faces))
        if settings.measure == "accuracy" or not predicts(release, settings):
            return
        clips = [clip for clip in load_clips(frames.uri) if clip.split == SPLIT]
        if measured_already(release, self._digest(frames.uri, clips, settings), settings):
            return
        self._predict(
            PredictClip(
                frames=frames.uri,
                predictions=predictions.uri,
                release=release,
                stage=stage,
                batch=exec_properties["feature_batch"],
            ),
            clips,
        )

    def _digest(self, frames: str, clips: list[StoredClip], settings: GateSettings) -> str:
        """The digest that an evaluation on these clips will have."""
        out = Path(self._get_tmp_dir(), "digest.txt")
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "Clips" >> beam.Create(clips)
                | "SpreadClips" >> beam.Reshuffle()
                | "Tally" >> beam.Map(_tally, frames=frames, settings=settings)
                | "Merge" >> beam.CombineGlobally(_merge)
                | "Hexdigest" >> beam.Map(lambda tally: tally.hexdigest)
                | "Digest" >> beam.io.WriteToText(str(out), shard_name_template="")
            )
        return out.read_text(encoding="utf-8").strip()

    def _predict(self, predict: PredictClip, clips: list[StoredClip]) -> None:
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "Clips" >> beam.Create([(n, len(clips), clip) for n, clip in enumerate(clips)])
                | "SpreadClips" >> beam.Reshuffle()
                | "Predict" >> beam.ParDo(predict)
            )


class PredictClip(beam.DoFn):
    """(number, total, clip) → nothing; writes the clip's predictions to a file of its own."""

    def __init__(self, frames: str, predictions: str, release: Release, stage: str, batch: int):
        self._frames = frames
        self._uri = predictions
        self._model_folder = str(release.models["serving"])
        # As it was evaluated and is meant to be used, whatever the present recipe says.
        self._settings = PredictSettings(**release.recipe.get("predict", {}))
        self._stage = stage
        self._batch = batch
        # One network for all workers of a process: it is large, and thread-safe.
        self._shared = Shared()

    def setup(self) -> None:
        self._model = self._shared.acquire(lambda: ReleasedModel(self._model_folder))

    def process(self, item: tuple[int, int, StoredClip]) -> Iterator[None]:
        number, total, clip = item
        path = split_dir(self._uri, SPLIT) / shard_name(number, total)
        write_shard(path, self._records(clip))
        yield

    def _records(self, clip: StoredClip) -> Iterator[bytes]:
        alone = self._stage == "cnn"
        frame = self._model.frame_outputs if alone else self._model.features
        for run in clip_features(clip_records(self._frames, clip), frame, self._batch):
            # Of the frame model alone, what it says of a frame is the run's vector already.
            found = run.features if alone else self._model.sequence_outputs(run.features)
            yield from serialize_run(run, {self._stage: self._smooth(found)}, self._model.labels)

    def _smooth(self, outputs: np.ndarray) -> np.ndarray:
        return smooth(outputs, self._settings.smooth_radius)


def _tally(clip: StoredClip, frames: str, settings: GateSettings) -> VideoTally:
    return label_tally(clip, clip_records(frames, clip), settings)


def _merge(tallies: Iterable[VideoTally]) -> VideoTally:
    return sum(tallies, start=VideoTally())
