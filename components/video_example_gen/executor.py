"""Runs the ingest as two Beam jobs: decode what is new, then write the shards.

Clips travel through Beam as paths and reports, never as frames. Decoding leaves its faces in the
content-addressed store; writing takes them from there. So a killed run loses no finished video,
and the plan of the shards can wait until it is known how many faces there are.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import apache_beam as beam
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.clip import SPLITS, Clip, ClipKey
from affectflow.corpora.listing import check_both_splits
from affectflow.corpora.manifest import MANIFEST_FILE, Manifest
from affectflow.corpora.remarks import collected
from affectflow.errors import Busy
from affectflow.faces.settings import FaceSettings
from affectflow.records.clip_counts import counted, reconcile
from affectflow.records.clips import ShardPlan, StoredClip, clip_parts, plan_shards, save_clips
from affectflow.records.counts import FrameCounts, save_counts
from affectflow.records.rejects import REJECTS_FILE
from affectflow.records.shards import split_dir
from affectflow.records.unseen import save_unseen
from affectflow.unforeseen import Tried, check_in_a_row
from components.artifacts import FACE_SETTINGS
from components.parameters import settings_from
from components.reports import WriteReports, read_reports
from components.video_example_gen.decode import DecodeClip
from components.video_example_gen.duplicates import without_duplicates
from components.video_example_gen.manifest import manifest_of
from components.video_example_gen.refuse import check_rejects, check_splits
from components.video_example_gen.report import ClipReport
from components.video_example_gen.retries import try_again
from components.video_example_gen.settings import IngestSettings
from components.video_example_gen.write import WriteShard


class Executor(base_beam_executor.BaseBeamExecutor):
    """Decodes, then writes; see the component for what it gives."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``examples``, ``rejects`` and ``counts``.

        Raises:
            InputError: the folder is not such a corpus, or a split of its labelled clips is empty.
            TooManyRejects, EmptySplit: naming the causes, with a clip each.
            LostRecords: a clip has no report, or not as many records as faces.
            MachineFault, RepeatedFault: what went wrong is not the clips' (affectflow.unforeseen).
        """
        ingest = settings_from(IngestSettings, exec_properties)
        with collected() as remarks:
            manifest = manifest_of(exec_properties)
        if exec_properties.get("manifest_digest", manifest.digest()) != manifest.digest():
            raise Busy(
                f"{exec_properties['corpus_root']} changed while the build started; run it again"
            )
        check_both_splits(manifest.clips, exec_properties["corpus_root"])
        examples = artifact_utils.get_single_instance(output_dict["examples"])
        job = _Job(manifest, exec_properties)

        reports, duplicates = without_duplicates(
            manifest.clips, self._decode(job), job.corpus_settings.duplicates
        )
        rejected = [report for report in reports if report.cause]
        _write_rejects(artifact_utils.get_single_uri(output_dict["rejects"]), rejected)
        check_rejects(reports, ingest.max_reject_share)
        splits = check_splits(manifest.clips, reports)

        plans = self._write(job, reports, examples.uri, ingest.shard_frames)
        save_clips(examples.uri, _stored_clips(manifest, plans, reports))
        examples.split_names = artifact_utils.encode_split_names(splits)
        examples.set_string_custom_property("manifest_digest", manifest.digest())
        examples.set_string_custom_property(
            FACE_SETTINGS, json.dumps(asdict(job.faces), sort_keys=True)
        )
        Path(examples.uri, MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")
        counts = artifact_utils.get_single_uri(output_dict["counts"])
        save_unseen(counts, (report.unseen for report in reports))
        save_counts(
            counts,
            {split: _total(reports, split) for split in SPLITS},
            {
                **_clip_counts(reports, rejected),
                "duplicates": duplicates.as_json(),
                "remarks": remarks,
            },
        )
        if any(report.transient for report in rejected):
            try_again(job.store, manifest)

    def _decode(self, job: _Job) -> list[ClipReport]:
        """Makes sure that the store has every clip's faces; gives a report a clip."""
        out = Path(self._get_tmp_dir(), "reports.jsonl")
        decode = DecodeClip(job.store, job.faces, job.corpus_settings, len(job.manifest.entries))
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                # Large clips first, so that no worker is left with one at the end.
                | "Clips" >> beam.Create(job.by_size())
                | "SpreadClips" >> beam.Reshuffle()
                | "Decode" >> beam.ParDo(decode)
                | "AsDict" >> beam.Map(asdict)
                | "Reports" >> WriteReports(out)
            )
        reports = [ClipReport(**report) for report in read_reports(out)]
        reconcile(
            "reports",
            {job.key(position): 1 for position in range(len(job.manifest.entries))},
            Counter(job.key(report.position) for report in reports),
        )
        reports.sort(key=lambda report: report.position)
        check_in_a_row(map(job.tried, reports))
        return reports

    def _write(
        self, job: _Job, reports: list[ClipReport], uri: str, shard_frames: int
    ) -> list[ShardPlan]:
        plans = []
        for split in SPLITS:
            clips = [(r.position, r.faces) for r in reports if r.split == split and not r.cause]
            plans += plan_shards(split, clips, shard_frames)
            split_dir(uri, split).mkdir(parents=True, exist_ok=True)
        out = Path(self._get_tmp_dir(), "written.jsonl")
        write = WriteShard(job.store, job.faces, job.corpus_settings, uri, len(plans))
        with self._make_beam_pipeline() as pipeline:
            _ = (
                pipeline
                | "Plans" >> beam.Create([(plan, job.sources(plan)) for plan in plans])
                | "SpreadPlans" >> beam.Reshuffle()
                | "Write" >> beam.ParDo(write)
                | "Written" >> WriteReports(out)
            )
        reconcile(
            "frames",
            {job.key(r.position): r.faces for r in reports if not r.cause},
            counted((*job.key(position), faces) for position, faces in read_reports(out)),
        )
        return plans


class _Job:
    """What the workers are told, apart from the clip."""

    def __init__(self, manifest: Manifest, properties: dict[str, Any]):
        self.manifest = manifest
        self.store = properties["store"]
        self.faces = settings_from(FaceSettings, properties)
        self.corpus_settings = settings_from(CorpusSettings, properties)

    def key(self, position: int) -> ClipKey:
        """The clip at a place of the manifest."""
        return self.manifest.entries[position].clip.key

    def by_size(self) -> list[tuple[int, Clip, str]]:
        items = list(self._items())
        return sorted(items, key=lambda item: (-_size(item[1].source), item[0]))

    def sources(self, plan: ShardPlan) -> dict[int, tuple[Clip, str]]:
        """The clips of a plan's pieces, with their content digests, by position."""
        items = {position: (clip, digest) for position, clip, digest in self._items()}
        return {piece.position: items[piece.position] for piece in plan.pieces}

    def tried(self, report: ClipReport) -> Tried:
        """A clip's report as what came of trying it."""
        entry = self.manifest.entries[report.position]
        content = (entry.source_digest or str(entry.clip.source), entry.clip.item)
        return Tried(report.video_id, content, report.fault, report.detail)

    def _items(self) -> Iterator[tuple[int, Clip, str]]:
        for position, entry in enumerate(self.manifest.entries):
            yield position, entry.clip, entry.source_digest


def _size(source: Path) -> int:
    try:
        return source.stat().st_size
    except OSError:
        return 0


def _clip_counts(reports: list[ClipReport], rejected: list[ClipReport]) -> dict[str, Any]:
    counts: dict[str, Any] = {
        "listed": len(reports),
        "used": len(reports) - len(rejected),
        "rejected": dict(sorted(Counter(r.cause for r in rejected).items())),
    }
    noted = Counter(name for report in reports for name in report.noted)
    if noted:
        counts["noted"] = dict(sorted(noted.items()))
    if lost := sum(report.lost for report in reports):
        counts["lost_pictures"] = lost
    return counts


def _total(reports: list[ClipReport], split: str) -> FrameCounts:
    return sum((r.counts for r in reports if r.split == split and not r.cause), FrameCounts())


def _stored_clips(
    manifest: Manifest, plans: list[ShardPlan], reports: list[ClipReport]
) -> Iterator[StoredClip]:
    in_plane = {report.position: report.in_plane for report in reports}
    for split in SPLITS:
        parts = clip_parts([plan for plan in plans if plan.split == split])
        for position, found in sorted(parts.items()):
            clip = manifest.entries[position].clip
            yield StoredClip(
                clip.video_id,
                clip.subject_id,
                clip.corpus,
                split,
                found,
                in_plane[position],
                dict(clip.classes),
            )


def _write_rejects(uri: str, rejected: list[ClipReport]) -> None:
    # Only ASCII: a name may hold U+2028 or U+0085, at which a reader would break the line.
    lines = [
        json.dumps({"video_id": r.video_id, "split": r.split, "cause": r.cause, "detail": r.detail})
        for r in rejected
    ]
    Path(uri, REJECTS_FILE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
