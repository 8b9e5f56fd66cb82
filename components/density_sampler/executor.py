"""Counts the labels on the grid, then writes every shard again without what is too many.

A shard is read twice and written once by whichever worker has it; frames never pass through a
shuffle, only grids of 40 x 40 counts and reports do. What was counted and read of each clip is held
against what ingest wrote.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from affectflow.balance.grid import GRIDS_FILE, DensityGrid
from affectflow.balance.sampler import (
    SamplerSettings,
    eligible,
    keep_mask,
    keep_probability,
    reckoned,
)
from affectflow.corpora.clip import SPLITS, ClipKey
from affectflow.errors import AffectflowError
from affectflow.records.clip_counts import (
    ClipRow,
    LostRecords,
    counted,
    counts_of,
    reconcile,
    save_clip_counts,
)
from affectflow.records.clips import load_clips
from affectflow.records.counts import FrameCounts, load_counts, save_counts
from affectflow.records.frames import parse_identity
from affectflow.records.shards import read_shard, shards, split_dir, write_shard
from affectflow.records.unseen import load_unseen
from components.artifacts import CONTENT_DIGEST
from components.density_sampler.anomalies import refuse_anomalies
from components.parameters import settings_from
from components.reports import WriteReports, read_reports


class NothingLeft(AffectflowError):
    """There is no frame to train on, or none to evaluate on."""

    retry = False


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
            NothingLeft: a split's frames have no label, or balancing keeps none for training.
            LostRecords: the grid, or what was written, is not of all frames.
        """
        refuse_anomalies(artifact_utils.get_single_uri(input_dict["anomalies"]))
        settings = settings_from(SamplerSettings, exec_properties)
        frames = artifact_utils.get_single_uri(input_dict["frames"])
        ingested = artifact_utils.get_single_uri(input_dict["counts"])
        balanced = artifact_utils.get_single_instance(output_dict["balanced"])
        grids = artifact_utils.get_single_uri(output_dict["grids"])

        unseen = _unseen(ingested, settings)
        grids_found, on_grid, reports = self._balance(frames, balanced.uri, settings, unseen)
        reconcile("frames", counts_of(load_clips(frames)), _clip_counts(r.read for r in reports))
        reconcile("frames on the grid", _clip_counts(r.reckoned for r in reports), on_grid)
        seen = _sum_densities((Density.of(r.density) for r in reports), settings.cells)
        train = seen.with_unseen(unseen)
        if [found.as_lists() for found in grids_found] != [train.as_lists()]:
            raise LostRecords("the grid of densities is not the sum of its shards")
        for split in SPLITS:
            split_dir(balanced.uri, split).mkdir(parents=True, exist_ok=True)
        save_clip_counts(balanced.uri, _clip_counts(r.written for r in reports))
        sampled = _record(reports, grids, settings, train)
        balanced.set_string_custom_property(CONTENT_DIGEST, sampled[CONTENT_DIGEST])
        balanced.split_names = artifact_utils.encode_split_names(list(SPLITS))
        counts, clips = load_counts(ingested)
        balanced_counts = {
            split: _account(counts.get(split, FrameCounts()), sampled.get(split, {}))
            for split in SPLITS
        }
        _refuse_nothing(balanced_counts["train"])
        if balanced_counts["eval"].decoded and not balanced_counts["eval"].kept:
            raise NothingLeft(
                "no frame of the split eval has a face and a label, so no model could be measured;"
                " a labelled clip whose subject is in eval would do"
            )
        save_counts(
            artifact_utils.get_single_uri(output_dict["balanced_counts"]), balanced_counts, clips
        )

    def _balance(
        self, frames: str, balanced: str, settings: SamplerSettings, unseen: np.ndarray
    ) -> tuple[list[Density], Counter[ClipKey], list[ShardReport]]:
        """The grids, the frames of each clip on them, and what became of each shard.

        There is one of grids, unless the runner lost or repeated it.
        """
        told = Path(self._get_tmp_dir())
        with self._make_beam_pipeline() as pipeline:
            shard_grids = (
                pipeline
                | "TrainShards" >> beam.Create([str(p) for p in shards(frames, "train")])
                | "SpreadTrain" >> beam.Reshuffle()
                | "CountOnGrid" >> beam.Map(_density, settings)
            )
            train = (
                shard_grids
                | "Grids" >> beam.Map(lambda found: found[0])
                | "SumGrids" >> beam.CombineGlobally(_sum_densities, settings.cells)
                | "AndUnseen" >> beam.Map(Density.with_unseen, unseen)
            )
            _ = (
                shard_grids
                | "Clips" >> beam.FlatMap(lambda found: found[1])
                | "OnGrid" >> WriteReports(told / "on-grid.jsonl")
            )
            _ = train | beam.Map(Density.as_lists) | "Train" >> WriteReports(told / "grids.jsonl")
            _ = (
                pipeline
                | "AllShards"
                >> beam.Create([(s, str(p)) for s in SPLITS for p in shards(frames, s)])
                | "SpreadAll" >> beam.Reshuffle()
                | "Balance"
                >> beam.Map(_balance_shard, balanced, settings, beam.pvalue.AsSingleton(train))
                | "AsDict" >> beam.Map(asdict)
                | "Balanced" >> WriteReports(told / "balanced.jsonl")
            )
        grids = [Density.of(found) for found in read_reports(told / "grids.jsonl")]
        reports = [ShardReport(**report) for report in read_reports(told / "balanced.jsonl")]
        return grids, counted(read_reports(told / "on-grid.jsonl")), reports


Clip = tuple[str, str]
"""(corpus, video_id)"""

Grids = tuple[list[list[int]], list[list[int]]]
"""A :class:`Density` as JSON has it."""


@dataclass(frozen=True)
class Density:
    """Training frames a cell, int64 [cells, cells]: those that may be kept, and those counted."""

    before: np.ndarray
    counted: np.ndarray

    def with_unseen(self, unseen: np.ndarray) -> Density:
        """Counts frames without a face, too."""
        return Density(self.before, self.counted + unseen)

    def as_lists(self) -> Grids:
        """The two as JSON has them."""
        return self.before.tolist(), self.counted.tolist()

    @classmethod
    def of(cls, grids: Grids) -> Density:
        """The inverse of :meth:`as_lists`."""
        return cls(*(np.array(grid, np.int64) for grid in grids))


@dataclass(frozen=True)
class ShardReport:
    """What became of a shard's frames.

    Attributes:
        split, name: of the shard.
        zero, removed, kept: labelled frames.
        density, after: the shard's :class:`Density` and its kept frames on the grid.
        read, reckoned, written: by clip, all frames, those on the grid and those kept; a shard of
            the eval split has none on the grid.
        digest: sha256, hex, over the digests of the kept records.
    """

    split: str
    name: str
    zero: int
    removed: int
    kept: int
    density: Grids
    after: list[list[int]]
    read: list[ClipRow]
    reckoned: list[ClipRow]
    written: list[ClipRow]
    digest: str


def _clip_counts(rows: Iterable[list[ClipRow]]) -> Counter[ClipKey]:
    return counted(row for found in rows for row in found)


def _density(path: str, settings: SamplerSettings) -> tuple[Density, list[ClipRow]]:
    """The frames of a training shard on the grid, and by clip those that are counted there."""
    clips, _, labels, _ = _identities(Path(path))
    use = reckoned(labels, settings)
    return _on_grids(labels, use, settings), _rows("train", _frames_of(clips, use))


def _on_grids(labels: np.ndarray, use: np.ndarray, settings: SamplerSettings) -> Density:
    may_be_kept = eligible(labels, settings)
    return Density(_on_grid(labels[may_be_kept], settings), _on_grid(labels[use], settings))


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


def _frames_of(clips: list[Clip], use: np.ndarray) -> Counter[Clip]:
    return Counter(clip for clip, used in zip(clips, use) if used)


def _rows(split: str, frames: Counter[Clip]) -> list[ClipRow]:
    return [(split, *clip, count) for clip, count in frames.items()]


def _on_grid(labels: np.ndarray, settings: SamplerSettings) -> np.ndarray:
    return DensityGrid(settings.cells).histogram(labels[:, 0], labels[:, 1])


def _sum_grids(grids: Any, cells: int) -> np.ndarray:
    return sum(map(np.asarray, grids), np.zeros((cells, cells), np.int64))


def _identities(path: Path) -> tuple[list[Clip], np.ndarray, np.ndarray, np.ndarray]:
    """Of a shard's N frames: (corpus, video), frame_index [N], labels [N, 2], has a class [N]."""
    rows = [parse_identity(record) for record in read_shard(path)]
    clips = [(row.corpus, row.video_id) for row in rows]
    index = np.array([row.frame_index for row in rows], np.int64)
    labels = np.array([(row.valence, row.arousal) for row in rows], np.float32).reshape(-1, 2)
    return clips, index, labels, np.array([row.has_class for row in rows], bool)


def _balance_shard(
    item: tuple[str, str], uri: str, settings: SamplerSettings, train: Density
) -> ShardReport:
    split, path = item[0], Path(item[1])
    clips, index, labels, has_class = _identities(path)
    in_plane = ~np.isnan(labels).any(axis=1)
    # What has a class and no place in the plane is not a matter of density.
    classed = has_class & ~in_plane
    labelled = in_plane | classed
    zero = on_grid = np.zeros(len(labels), bool)
    density = _sum_densities([], settings.cells)
    keep = labelled
    if split == "train":
        on_grid = reckoned(labels, settings)
        density = _on_grids(labels, on_grid, settings)
        zero = in_plane & ~eligible(labels, settings)
        keep = _keep(clips, index, labels, keep_probability(train.counted, settings), settings)
        keep |= classed

    digest = hashlib.sha256()
    written: Counter[Clip] = Counter()

    def kept_records() -> Iterator[bytes]:
        for number, record in enumerate(read_shard(path)):
            if keep[number]:
                digest.update(hashlib.sha256(record).digest())
                written[clips[number]] += 1
                yield record

    kept = write_shard(split_dir(uri, split) / path.name, kept_records())
    return ShardReport(
        split=split,
        name=path.name,
        zero=int(zero.sum()),
        removed=int((labelled & ~zero & ~keep).sum()),
        kept=kept,
        density=density.as_lists(),
        after=_on_grid(labels[keep & in_plane], settings).tolist(),
        read=_rows(split, Counter(clips)),
        reckoned=_rows(split, _frames_of(clips, on_grid)),
        written=_rows(split, written),
        digest=digest.hexdigest(),
    )


def _keep(
    clips: list[Clip],
    index: np.ndarray,
    labels: np.ndarray,
    probability: np.ndarray,
    settings: SamplerSettings,
) -> np.ndarray:
    numbers = {clip: number for number, clip in enumerate(dict.fromkeys(clips))}
    of_clip = np.array([numbers[clip] for clip in clips], np.int64)
    keep = np.zeros(len(clips), bool)
    for (_, video), number in numbers.items():
        rows = np.flatnonzero(of_clip == number)
        keep[rows] = keep_mask(video, index[rows], labels[rows], probability, settings)
    return keep


def _record(
    reports: list[ShardReport], uri: str, settings: SamplerSettings, train: Density
) -> dict[str, Any]:
    """Writes the grids and ``sampled.json``; gives what the latter says."""
    after = _sum_grids((r.after for r in reports if r.split == "train"), settings.cells)
    np.savez_compressed(
        Path(uri, GRIDS_FILE), before=train.before, counted=train.counted, after=after
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
    told = {**sampled, CONTENT_DIGEST: content.hexdigest()}
    Path(uri, "sampled.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return told


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
        f" are labelled (0, 0), which drop_zero leaves out, and {train.removed_balancing} are too"
        " many of a kind; rule=cap or subset=all keeps some of those, drop_zero=false the others"
    )
