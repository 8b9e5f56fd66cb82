"""Counts the labels on the grid, then writes every shard again without what is too many.

A shard is read twice and written once by whichever worker has it; frames never pass through a
shuffle, only grids of 40 x 40 counts do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from affectflow.balance.grid import DensityGrid
from affectflow.balance.sampler import (
    SamplerSettings,
    counted,
    eligible,
    keep_mask,
    keep_probability,
)
from affectflow.errors import AffectflowError
from affectflow.records.counts import FrameCounts, load_counts, save_counts
from affectflow.records.frames import parse_identity
from affectflow.records.shards import read_shard, shards, split_dir, write_shard
from affectflow.records.unseen import load_unseen
from components.artifacts import CONTENT_DIGEST
from components.density_sampler.anomalies import refuse_anomalies
from components.parameters import settings_from

SPLITS = ("train", "eval")


class NothingLeft(AffectflowError):
    """Balancing leaves no frame to train on."""


class Executor(base_beam_executor.BaseBeamExecutor):
    """Runs the sampler as a Beam job."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``balanced``, ``grids`` and ``balanced_counts``.

        Raises:
            AnomalousData: ExampleValidator found an anomaly in the frames.
            NothingLeft: the training split has no labelled frame, or balancing keeps none.
        """
        refuse_anomalies(artifact_utils.get_single_uri(input_dict["anomalies"]))
        settings = settings_from(SamplerSettings, exec_properties)
        frames = artifact_utils.get_single_uri(input_dict["frames"])
        ingested = artifact_utils.get_single_uri(input_dict["counts"])
        balanced = artifact_utils.get_single_instance(output_dict["balanced"])
        grids = artifact_utils.get_single_uri(output_dict["grids"])

        with self._make_beam_pipeline() as pipeline:
            train = (
                pipeline
                | "TrainShards" >> beam.Create([str(p) for p in shards(frames, "train")])
                | "SpreadTrain" >> beam.Reshuffle()
                | "CountOnGrid" >> beam.Map(_density, settings)
                | "SumGrids" >> beam.CombineGlobally(_sum_densities, settings.cells)
                | "AndUnseen" >> beam.Map(_with_unseen, _unseen(ingested, settings))
            )
            _ = (
                pipeline
                | "AllShards"
                >> beam.Create([(s, str(p)) for s in SPLITS for p in shards(frames, s)])
                | "SpreadAll" >> beam.Reshuffle()
                | "Balance"
                >> beam.Map(_balance_shard, balanced.uri, settings, beam.pvalue.AsSingleton(train))
                | "Together" >> beam.CombineGlobally(beam.combiners.ToListCombineFn())
                | "Record" >> beam.Map(_record, grids, settings, beam.pvalue.AsSingleton(train))
            )
        for split in SPLITS:
            split_dir(balanced.uri, split).mkdir(parents=True, exist_ok=True)
        sampled = json.loads(Path(grids, "sampled.json").read_text(encoding="utf-8"))
        balanced.set_string_custom_property(CONTENT_DIGEST, sampled[CONTENT_DIGEST])
        balanced.split_names = artifact_utils.encode_split_names(list(SPLITS))
        counts, clips = load_counts(ingested)
        balanced_counts = {
            split: _account(counts.get(split, FrameCounts()), sampled.get(split, {}))
            for split in SPLITS
        }
        _refuse_nothing(balanced_counts["train"])
        save_counts(
            artifact_utils.get_single_uri(output_dict["balanced_counts"]), balanced_counts, clips
        )


@dataclass(frozen=True)
class Density:
    """Training frames a cell, int64 [cells, cells]: those that may be kept, and those counted."""

    before: np.ndarray
    counted: np.ndarray


@dataclass(frozen=True)
class ShardReport:
    """What became of a shard's labelled frames."""

    split: str
    zero: int
    removed: int
    kept: int
    after: np.ndarray
    name: str
    digest: str


def _density(path: str, settings: SamplerSettings) -> Density:
    _, _, labels, _ = _identities(Path(path))
    return Density(
        _on_grid(labels[eligible(labels, settings)], settings),
        _on_grid(labels[counted(labels, settings)], settings),
    )


def _sum_densities(parts: Iterable[Density], cells: int) -> Density:
    found = list(parts)
    return Density(
        _sum_grids((part.before for part in found), cells),
        _sum_grids((part.counted for part in found), cells),
    )


def _unseen(ingested: str, settings: SamplerSettings) -> np.ndarray:
    """The frames without a face on the grid; none where only those with one are counted."""
    if not settings.counts_all:
        return np.zeros((settings.cells, settings.cells), np.int64)
    values, frames = load_unseen(ingested)
    return DensityGrid(settings.cells).histogram(values[:, 0], values[:, 1], frames)


def _with_unseen(train: Density, unseen: np.ndarray) -> Density:
    return Density(train.before, train.counted + unseen)


def _on_grid(labels: np.ndarray, settings: SamplerSettings) -> np.ndarray:
    return DensityGrid(settings.cells).histogram(labels[:, 0], labels[:, 1])


def _sum_grids(grids: Any, cells: int) -> np.ndarray:
    return sum(grids, np.zeros((cells, cells), np.int64))


def _identities(path: Path) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Of a shard's N frames: videos, frame_index [N], labels [N, 2], and which have a class [N]."""
    rows = [parse_identity(record) for record in read_shard(path)]
    videos = [row.video_id for row in rows]
    index = np.array([row.frame_index for row in rows], np.int64)
    labels = np.array([(row.valence, row.arousal) for row in rows], np.float32).reshape(-1, 2)
    return videos, index, labels, np.array([row.has_class for row in rows], bool)


def _balance_shard(
    item: tuple[str, str], uri: str, settings: SamplerSettings, train: Density
) -> ShardReport:
    split, path = item[0], Path(item[1])
    videos, index, labels, has_class = _identities(path)
    in_plane = ~np.isnan(labels).any(axis=1)
    # What has a class and no place in the plane is not a matter of density.
    classed = has_class & ~in_plane
    labelled = in_plane | classed
    zero = np.zeros(len(labels), bool)
    keep = labelled
    if split == "train":
        zero = in_plane & ~eligible(labels, settings)
        keep = _keep(videos, index, labels, keep_probability(train.counted, settings), settings)
        keep |= classed

    digest = hashlib.sha256()

    def kept_records() -> Iterator[bytes]:
        for number, record in enumerate(read_shard(path)):
            if keep[number]:
                digest.update(hashlib.sha256(record).digest())
                yield record

    kept = write_shard(split_dir(uri, split) / path.name, kept_records())
    return ShardReport(
        split=split,
        zero=int(zero.sum()),
        removed=int((labelled & ~zero & ~keep).sum()),
        kept=kept,
        after=_on_grid(labels[keep & in_plane], settings),
        name=path.name,
        digest=digest.hexdigest(),
    )


def _keep(
    videos: list[str],
    index: np.ndarray,
    labels: np.ndarray,
    probability: np.ndarray,
    settings: SamplerSettings,
) -> np.ndarray:
    names = np.array(videos, object)
    keep = np.zeros(len(names), bool)
    for video in dict.fromkeys(videos):
        rows = np.flatnonzero(names == video)
        keep[rows] = keep_mask(video, index[rows], labels[rows], probability, settings)
    return keep


def _record(
    reports: list[ShardReport], uri: str, settings: SamplerSettings, train: Density
) -> None:
    after = _sum_grids((r.after for r in reports if r.split == "train"), settings.cells)
    np.savez_compressed(
        Path(uri, "grids.npz"), before=train.before, counted=train.counted, after=after
    )
    sampled = {
        split: {
            "removed_zero": sum(r.zero for r in reports if r.split == split),
            "removed_balancing": sum(r.removed for r in reports if r.split == split),
            "kept": sum(r.kept for r in reports if r.split == split),
        }
        for split in SPLITS
    }
    content = hashlib.sha256()
    for report in sorted(reports, key=lambda report: (report.split, report.name)):
        content.update(f"{report.split}/{report.name} {report.digest}\n".encode())
    text = json.dumps({**sampled, CONTENT_DIGEST: content.hexdigest()}, indent=1)
    Path(uri, "sampled.json").write_text(text + "\n", encoding="utf-8")


def _account(ingested: FrameCounts, sampled: dict[str, int]) -> FrameCounts:
    return replace(ingested, **{"kept": 0, **sampled})


def _refuse_nothing(train: FrameCounts) -> None:
    # An empty split would only be noticed steps later, where nobody knows why it is empty.
    if train.kept:
        return
    labelled = train.removed_zero + train.removed_balancing
    if not labelled:
        raise NothingLeft(
            "no frame of the split train has a face and a label; a labelled clip whose subject is"
            " in train would do"
        )
    raise NothingLeft(
        f"none of the {labelled} labelled training frames are kept: {train.removed_zero} of them"
        f" are labelled (0, 0), which drop_zero=1 leaves out, and {train.removed_balancing} are too"
        " many of a kind; rule=cap or subset=all keeps some of those, drop_zero=0 the others"
    )
