"""The DoFn that writes one shard of `frames` from the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam

from affectflow import progress
from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.clip import Clip
from affectflow.errors import AffectflowError
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from affectflow.records.clips import Piece, ShardPlan
from affectflow.records.frames import FrameRecord
from affectflow.records.shards import shard_name, split_dir, write_shard
from components.video_example_gen.frame_labels import frame_labels


class WriteShard(beam.DoFn):
    """(plan, clips by position) → (position, records) of each piece of the shard.

    The shard is whole or absent.
    """

    def __init__(
        self, store: str, faces: FaceSettings, corpus: CorpusSettings, uri: str, total: int
    ):
        self._total = total
        self._store_root = store
        self._faces = faces
        self._corpus = corpus
        self._uri = uri

    def setup(self) -> None:
        self._store = FaceStore(Path(self._store_root))

    def process(
        self, item: tuple[ShardPlan, dict[int, tuple[Clip, str]]]
    ) -> Iterator[tuple[int, int]]:
        plan, clips = item
        path = split_dir(self._uri, plan.split) / shard_name(plan.number, plan.total)
        written: Counter[int] = Counter()

        def records() -> Iterator[bytes]:
            for piece in plan.pieces:
                for record in self._records(piece, *clips[piece.position]):
                    yield record.serialize()
                    written[piece.position] += 1

        write_shard(path, records())
        progress.advance("shards", 1, self._total)
        yield from written.items()

    def _records(self, piece: Piece, clip: Clip, digest: str) -> Iterator[FrameRecord]:
        faces = self._store.get(self._store.key(digest, self._faces.digest(), clip.part))
        if faces is None:
            raise AffectflowError(
                f"the faces of {clip.video_id} left the store {self._store_root} while the build"
                " ran; run it again"
            )
        labels = frame_labels(clip, faces, self._corpus)
        index, shots = faces.index, faces.shots
        images = faces.images(piece.start, piece.stop)
        for row, image in zip(range(piece.start, piece.stop), images):
            frame = int(index["frame_index"][row])
            yield FrameRecord(
                video_id=clip.video_id,
                subject_id=clip.subject_id,
                corpus=clip.corpus,
                frame_index=frame,
                timestamp_s=float(index["timestamp_s"][frame]),
                face=image,
                box=index["box"][row],
                landmarks=index["landmarks"][row],
                score=float(index["score"][row]),
                valence=float(labels.values[frame, 0]),
                arousal=float(labels.values[frame, 1]),
                source_digest=digest,
                classes=dict(clip.classes) if labels.classed[frame] else {},
                shot=int(shots[row]),
            )
