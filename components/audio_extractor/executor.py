"""Reads the sound of the clips, a Beam element a file, and writes it in the clips' order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from affectflow.corpora.clip import SPLITS
from affectflow.records.audio import parse_audio
from affectflow.records.clip_counts import ClipRow, counted, reconcile
from affectflow.records.shards import shard_name, split_dir, write_shard
from affectflow.unforeseen import Tried, check_in_a_row
from components.audio_extractor.listen import UNFORESEEN, ListenToSource
from components.audio_extractor.sources import Source, sources_of
from components.reports import WriteReports, read_reports

SHARD_CLIPS = 4096
"""Records of a shard: 25 MB of vectors."""


class Executor(base_beam_executor.BaseBeamExecutor):
    """Describes sounds, then writes; see the component for what it gives."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``audio``.

        Raises:
            InputError: the frames have no manifest, or a source is gone or is not the file that
                the frames were decoded from.
            LostRecords: a clip has no record, or more than one.
            MachineFault, RepeatedFault: what went wrong is not the clips' (affectflow.unforeseen).
        """
        audio = artifact_utils.get_single_instance(output_dict["audio"])
        sources = sources_of(Path(artifact_utils.get_single_uri(input_dict["frames"])))
        clips = _clips_by_split(sources)
        told = Path(self._get_tmp_dir(), "written.jsonl")
        unforeseen = Path(self._get_tmp_dir(), "unforeseen.jsonl")
        with self._make_beam_pipeline() as pipeline:
            heard = (
                pipeline
                | "Sources" >> beam.Create(sources)
                | "SpreadSources" >> beam.Reshuffle()
                | "Listen"
                >> beam.ParDo(ListenToSource(sum(clips.values()))).with_outputs(
                    UNFORESEEN, main="heard"
                )
            )
            _ = heard[UNFORESEEN] | "Unforeseen" >> WriteReports(unforeseen)
            _ = (
                heard["heard"]
                | "ToShard" >> beam.Map(_to_shard, clips=clips)
                | "Gather" >> beam.GroupByKey()
                | "Write" >> beam.FlatMap(_write, uri=audio.uri)
                | "Written" >> WriteReports(told)
            )
        reconcile(
            "sounds",
            {clip.key: 1 for source in sources for clip in source.clips},
            counted(read_reports(told)),
        )
        check_in_a_row(_tried(sources, unforeseen))
        for split in SPLITS:
            split_dir(audio.uri, split).mkdir(parents=True, exist_ok=True)
        audio.split_names = artifact_utils.encode_split_names(list(SPLITS))


def _tried(sources: Iterable[Source], unforeseen: Path) -> Iterator[Tried]:
    """What came of each source, in the order of their clips."""
    met = {digest: (fault, detail) for digest, fault, detail in read_reports(unforeseen)}
    for source in sources:
        yield Tried(source.clips[0].video_id, source.digest, *met.get(source.digest, ("", "")))


def _clips_by_split(sources: Iterable[Source]) -> dict[str, int]:
    clips = [clip for source in sources for clip in source.clips]
    return {split: sum(clip.split == split for clip in clips) for split in SPLITS}


Heard = tuple[str, int, bytes]
Shard = tuple[str, int, int]


def _to_shard(heard: Heard, clips: dict[str, int]) -> tuple[Shard, tuple[int, bytes]]:
    split, place, record = heard
    return (split, place // SHARD_CLIPS, -(-clips[split] // SHARD_CLIPS)), (place, record)


def _write(item: tuple[Shard, Iterable[tuple[int, bytes]]], uri: str) -> Iterator[ClipRow]:
    (split, number, total), placed = item
    records = [record for _, record in sorted(placed)]
    write_shard(split_dir(uri, split) / shard_name(number, total), records)
    for heard in map(parse_audio, records):
        yield split, heard.corpus, heard.video_id, 1
