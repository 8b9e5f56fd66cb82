"""Runs the frame model over clips, one after another, in batches of images."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
from apache_beam.utils.shared import Shared
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from affectflow import progress
from affectflow.corpora.clip import SPLITS
from affectflow.corpora.labels import interpolate_missing
from affectflow.models.files import load_stage
from affectflow.models.serving import FrameServing, TransformedImages
from affectflow.models.settings import CnnSettings
from affectflow.records.clip_counts import (
    ClipRow,
    counted,
    counts_of,
    reconcile,
    save_clip_counts,
)
from affectflow.records.clips import StoredClip, load_clips, one_shard_each
from affectflow.records.features import FeatureRun, gap_free_runs
from affectflow.records.frames import FrameRecord, clip_classes, parse_frame
from affectflow.records.shards import read_shard, shard_name, shards, split_dir, write_shard
from components.feature_extractor.settings import FeatureSettings
from components.parameters import settings_from
from components.reports import WriteReports, read_reports


class Executor(base_beam_executor.BaseBeamExecutor):
    """Extracts features as a Beam job, an element a clip."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``features``.

        Raises:
            LostRecords: a clip has not as many features as frames.
        """
        frames = artifact_utils.get_single_uri(input_dict["frames"])
        features = artifact_utils.get_single_instance(output_dict["features"])
        clips = load_clips(frames)
        expected = counts_of(clips)
        extract = ExtractFeatures(
            frames=frames,
            features=features.uri,
            model=artifact_utils.get_single_uri(input_dict["model"]),
            transform_graph=artifact_utils.get_single_uri(input_dict["transform_graph"]),
            settings=settings_from(FeatureSettings, exec_properties),
            total=expected.total(),
        )
        told = Path(self._get_tmp_dir(), "extracted.jsonl")
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "Clips" >> beam.Create(one_shard_each(clips))
                | "SpreadClips" >> beam.Reshuffle()
                | "Extract" >> beam.ParDo(extract)
                | "Extracted" >> WriteReports(told)
            )
        found = counted(read_reports(told))
        reconcile("features", expected, found)
        save_clip_counts(features.uri, found)
        for split in SPLITS:
            split_dir(features.uri, split).mkdir(parents=True, exist_ok=True)
        features.split_names = artifact_utils.encode_split_names(list(SPLITS))


class ExtractFeatures(beam.DoFn):
    """(number, total, clip) → a ClipRow; writes the clip's runs to a file of its own."""

    def __init__(
        self,
        frames: str,
        features: str,
        model: str,
        transform_graph: str,
        settings: FeatureSettings,
        total: int,
    ):
        self._total = total
        self._frames = frames
        self._uri = features
        self._model = model
        self._transform_graph = transform_graph
        self._settings = settings
        # One network for all workers of a process: it is large, and thread-safe.
        self._shared = Shared()

    def setup(self) -> None:
        self._network = self._shared.acquire(self._load)

    def _load(self) -> FrameServing:
        cnn, _ = load_stage(self._model, CnnSettings)
        network = FrameServing(cnn, TransformedImages(self._transform_graph))
        # Traced here, while one thread has it: Keras makes no promise for several.
        network.features.get_concrete_function()
        return network

    def process(self, item: tuple[int, int, StoredClip]) -> Iterator[ClipRow]:
        number, total, clip = item
        runs = clip_features(
            clip_records(self._frames, clip),
            lambda faces: self._network.features(faces).numpy(),
            self._settings.feature_batch,
            self._total,
        )
        gap = self._settings.interpolate_frames if clip.split == "train" else 0
        frames = 0

        def records() -> Iterator[bytes]:
            nonlocal frames
            for run in runs:
                yield (with_labels_filled(run, gap) if gap else run).serialize()
                frames += len(run.features)

        write_shard(split_dir(self._uri, clip.split) / shard_name(number, total), records())
        yield (*clip.key, frames)


def clip_records(frames_uri: str | Path, clip: StoredClip) -> Iterator[FrameRecord]:
    """A clip's frames in time order, one in memory at a time."""
    paths = shards(frames_uri, clip.split)
    for part in clip.parts:
        for record in read_shard(paths[part.shard], part.start, part.stop):
            yield parse_frame(record)


def clip_features(
    records: Iterator[FrameRecord],
    network: Callable[[np.ndarray], np.ndarray],
    batch: int,
    total: int | None = None,
) -> Iterator[FeatureRun]:
    """The gap-free runs of one clip, with the labels that its frames have and the clip's classes.

    Args:
        records: the clip's frames in time order.
        network: encoded crops, object [B] → float32 [B, D].
        batch: crops a call of ``network``.
        total: crops of all clips, for whoever follows the work.
    """
    kept: list[FrameRecord] = []
    vectors: list[np.ndarray] = []
    faces: list[bytes] = []

    def flush() -> None:
        if faces:
            vectors.append(network(np.array(faces, object)))
            progress.advance("features", len(faces), total)
            faces.clear()

    for record in records:
        faces.append(record.face)
        kept.append(_without_face(record))
        if len(faces) == batch:
            flush()
    flush()
    if not kept:
        return
    features = np.concatenate(vectors)
    labels = np.array([(r.valence, r.arousal) for r in kept], np.float32)
    classes = clip_classes(kept)
    index = np.array([(r.frame_index, r.shot) for r in kept], np.int64)
    for run in gap_free_runs(*index.T):
        first = kept[run.start]
        yield FeatureRun(
            first.video_id,
            first.subject_id,
            first.corpus,
            first.frame_index,
            features[run],
            labels[run],
            classes,
        )


def with_labels_filled(run: FeatureRun, most: int) -> FeatureRun:
    """The run with labels interpolated over gaps of at most so many frames."""
    return replace(run, labels=interpolate_missing(run.labels, most))


def _without_face(record: FrameRecord) -> FrameRecord:
    # A long clip's crops would otherwise all stay in memory until its last frame.
    return replace(record, face=b"")
