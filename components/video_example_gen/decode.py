"""The DoFn that makes sure that the store has a clip's faces."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import apache_beam as beam
import numpy as np

from affectflow import progress
from affectflow.corpora.adapter import CorpusSettings
from affectflow.corpora.clip import Clip
from affectflow.errors import RejectedClip, TransientReject
from affectflow.faces.cropper import create_cropper
from affectflow.faces.detectors import create_detector
from affectflow.faces.extract import extract_faces
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from affectflow.records.counts import NOTED
from affectflow.records.unseen import points_of
from affectflow.unforeseen import Unforeseen, clips_own
from components.video_example_gen.duplicates import labels_digest
from components.video_example_gen.frame_labels import frame_labels
from components.video_example_gen.report import ClipReport


class DecodeClip(beam.DoFn):
    """(position, clip, content digest) → ClipReport."""

    def __init__(self, store: str, faces: FaceSettings, corpus: CorpusSettings, total: int):
        self._total = total
        self._store_root = store
        self._faces = faces
        self._corpus = corpus

    def setup(self) -> None:
        # They can be neither pickled nor shared between threads: one of each a worker.
        self._detector = create_detector(self._faces)
        self._cropper = create_cropper(self._faces)
        self._store = FaceStore(Path(self._store_root))

    def teardown(self) -> None:
        self._detector.close()
        self._cropper.close()

    def process(self, item: tuple[int, Clip, str]) -> Iterator[ClipReport]:
        position, clip, digest = item
        try:
            with clips_own(clip.video_id, clip.source, clip.labels):
                report = self._used(position, clip, digest)
        except RejectedClip as reject:
            progress.advance("rejected")
            report = ClipReport(
                position,
                clip.video_id,
                clip.split,
                cause=reject.cause,
                detail=reject.detail,
                transient=isinstance(reject, TransientReject),
                fault=reject.fault if isinstance(reject, Unforeseen) else "",
            )
            if report.fault:
                self._renew()
        progress.advance("videos", 1, self._total)
        yield report

    def _used(self, position: int, clip: Clip, digest: str) -> ClipReport:
        """The report of a clip that can be used, whose faces the store has then."""
        faces = extract_faces(
            clip,
            self._faces,
            self._store,
            digest,
            detector=self._detector,
            cropper=self._cropper,
            on_frame=lambda _: progress.advance("frames decoded"),
        )
        labels = frame_labels(clip, faces, self._corpus)
        seen = faces.index["frame_index"]
        unseen = np.vstack([np.delete(labels.values, seen, axis=0), labels.beyond])
        unseen = unseen[~np.isnan(unseen).any(axis=1)]
        return ClipReport(
            position,
            clip.video_id,
            clip.split,
            decoded=faces.frames_decoded,
            faces=len(faces),
            labelled=int(labels.labelled[seen].sum()),
            noted=tuple(name for name in NOTED if faces.summary.get(name)),
            lost=faces.lost_pictures,
            content=faces.content,
            labels=labels_digest(clip, labels, seen),
            in_plane=int(labels.in_plane[seen].sum()),
            unseen=points_of(unseen) if clip.split == "train" else (),
        )

    def _renew(self) -> None:
        """Makes the tools anew: what raised may have left one of them unusable for other clips."""
        for tool in (self._detector, self._cropper):
            # One that is broken may fail at this, too.
            with suppress(Exception):
                tool.close()
        self.setup()
