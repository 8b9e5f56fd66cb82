"""Runs the released model over the clips of the eval split, where that is needed."""

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

from affectflow.corpora.clip import ClipKey
from affectflow.gate import GateSettings, VideoKey, VideoTally, tally_from_json
from affectflow.metrics.smoothing import smooth
from affectflow.models.released import ReleasedModel
from affectflow.records.clip_counts import (
    ClipRow,
    counted,
    counts_of,
    reconcile,
    save_clip_counts,
)
from affectflow.records.clips import StoredClip, load_clips, one_shard_each
from affectflow.records.predictions import serialize_run
from affectflow.records.shards import shard_name, split_dir, write_shard
from affectflow.release import Release, latest_whole
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
from components.reports import WriteReports, read_reports

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
            InputError: the latest release's model is none of this system's.
            LostRecords: a clip has not as many predictions as frames.
        """
        frames = artifact_utils.get_single_instance(input_dict["frames"])
        predictions = artifact_utils.get_single_instance(output_dict["predictions"])
        stage = exec_properties["stage"]
        asked = ("outputs", "measure", "tasks", "expressions", "compare")
        settings = GateSettings(
            stage=stage, stages=stage, **{name: exec_properties[name] for name in asked}
        )
        compared = settings.compare == "latest"
        release = latest_whole(Path(exec_properties["releases"])) if compared else None

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
        expected = counts_of(clips)
        found = self._predict(
            PredictClip(
                frames=frames.uri,
                predictions=predictions.uri,
                release=release,
                stage=stage,
                batch=exec_properties["feature_batch"],
                total=expected.total(),
            ),
            clips,
        )
        reconcile("predictions of the latest release", expected, found)
        save_clip_counts(predictions.uri, found)

    def _digest(self, frames: str, clips: list[StoredClip], settings: GateSettings) -> str:
        """The digest that an evaluation on these clips will have."""
        told = Path(self._get_tmp_dir(), "labels.jsonl")
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "Clips" >> beam.Create(clips)
                | "SpreadClips" >> beam.Reshuffle()
                | "Tally" >> beam.Map(_tally, frames=frames, settings=settings)
                | "Tallies" >> WriteReports(told)
            )
        found = [tally_from_json(line) for line in read_reports(told)]
        reconcile(
            "labels",
            {clip.key: 1 for clip in clips},
            counted((SPLIT, video.corpus, video.video_id, 1) for video, _ in found),
        )
        return sum((tally for _, tally in found), VideoTally()).hexdigest

    def _predict(self, predict: PredictClip, clips: list[StoredClip]) -> Counter[ClipKey]:
        """Writes the clips' predictions; gives how many each has."""
        told = Path(self._get_tmp_dir(), "predicted.jsonl")
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "Clips" >> beam.Create(one_shard_each(clips))
                | "SpreadClips" >> beam.Reshuffle()
                | "Predict" >> beam.ParDo(predict)
                | "Predicted" >> WriteReports(told)
            )
        return counted(read_reports(told))


class PredictClip(beam.DoFn):
    """(number, total, clip) → a ClipRow; writes the clip's predictions to a file of its own."""

    def __init__(
        self,
        frames: str,
        predictions: str,
        release: Release,
        stage: str,
        batch: int,
        total: int,
    ):
        self._total = total
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
        # A release of the workspace's own: whoever can put one there can do as the user can.
        self._model = self._shared.acquire(lambda: ReleasedModel(self._model_folder, trusted=True))

    def process(self, item: tuple[int, int, StoredClip]) -> Iterator[ClipRow]:
        number, total, clip = item
        path = split_dir(self._uri, SPLIT) / shard_name(number, total)
        yield (*clip.key, write_shard(path, self._records(clip)))

    def _records(self, clip: StoredClip) -> Iterator[bytes]:
        alone = self._stage == "cnn"
        frame = self._model.frame_outputs if alone else self._model.features
        records = clip_records(self._frames, clip)
        for run in clip_features(records, frame, self._batch, self._total):
            # Of the frame model alone, what it says of a frame is the run's vector already.
            found = run.features if alone else self._model.sequence_outputs(run.features)
            yield from serialize_run(run, {self._stage: self._smooth(found)}, self._model.labels)

    def _smooth(self, outputs: np.ndarray) -> np.ndarray:
        return smooth(outputs, self._settings.smooth_radius)


def _tally(clip: StoredClip, frames: str, settings: GateSettings) -> str:
    tally = label_tally(clip, clip_records(frames, clip), settings)
    return tally.as_json(VideoKey(clip.corpus, clip.subject_id, clip.video_id))
