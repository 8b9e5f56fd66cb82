"""The DoFn that makes sure that the store has a clip's faces."""

from __future__ import annotations

from collections.abc import Iterator
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
            content = faces.content
        except RejectedClip as reject:
            progress.advance("rejected")
            yield ClipReport(
                position,
                clip.video_id,
                clip.split,
                cause=reject.cause,
                detail=reject.detail,
                transient=isinstance(reject, TransientReject),
            )
        else:
            seen = faces.index["frame_index"]
            unseen = np.delete(labels.values, seen, axis=0)
            unseen = unseen[~np.isnan(unseen).any(axis=1)]
            yield ClipReport(
                position,
                clip.video_id,
                clip.split,
                decoded=faces.frames_decoded,
                faces=len(faces),
                labelled=int(labels.labelled[seen].sum()),
                noted=tuple(name for name in NOTED if faces.summary.get(name)),
                content=content,
                labels=labels_digest(clip, labels, seen),
                in_plane=int(labels.in_plane[seen].sum()),
                unseen=points_of(unseen) if clip.split == "train" else (),
            )
        progress.advance("videos", 1, self._total)
