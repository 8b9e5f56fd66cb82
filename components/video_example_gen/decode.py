"""The DoFn that makes sure that the store has a clip's faces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import numpy as np

from affectflow import progress
from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.clip import Clip
from affectflow.errors import RejectedClip
from affectflow.faces.detectors import create_detector
from affectflow.faces.entry import StoredFaces
from affectflow.faces.extract import extract_faces
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from components.video_example_gen.report import ClipReport


class DecodeClip(beam.DoFn):
    """(position, clip, content digest) → ClipReport."""

    def __init__(self, store: str, faces: FaceSettings, corpus: CorpusSettings):
        self._store_root = store
        self._faces = faces
        self._corpus = corpus

    def setup(self) -> None:
        # A detector can be neither pickled nor shared between threads: one a worker.
        self._detector = create_detector(self._faces)
        self._store = FaceStore(Path(self._store_root))

    def teardown(self) -> None:
        self._detector.close()

    def process(self, item: tuple[int, Clip, str]) -> Iterator[ClipReport]:
        position, clip, digest = item
        try:
            faces = extract_faces(
                clip,
                self._faces,
                self._store,
                digest,
                detector=self._detector,
                on_frame=lambda _: progress.advance("frames decoded"),
            )
            labels = aligned_labels(clip, faces, self._corpus)
        except RejectedClip as reject:
            yield ClipReport(
                position, clip.video_id, clip.split, cause=reject.cause, detail=reject.detail
            )
        else:
            in_plane = ~np.isnan(labels[faces.index["frame_index"]]).any(axis=1)
            yield ClipReport(
                position,
                clip.video_id,
                clip.split,
                decoded=faces.frames_decoded,
                faces=len(faces),
                # A class is of the whole clip.
                labelled=len(faces) if clip.classes else int(in_plane.sum()),
            )
        progress.advance("videos")


def aligned_labels(clip: Clip, faces: StoredFaces, settings: CorpusSettings) -> np.ndarray:
    """The clip's labels, a row a decoded frame: float32 [frames_decoded, 2], NaN = none.

    Raises:
        RejectedClip: they are missing from a corpus that has labels, wrong, or do not fit.
    """
    labels = get_adapter(clip.corpus).read_labels(clip)
    if labels is None:
        return np.full((faces.frames_decoded, 2), np.nan, np.float32)
    return labels.align(
        faces.frames_decoded,
        faces.index["timestamp_s"],
        slack=settings.label_slack,
        max_gap_s=settings.label_max_gap_s,
        frames_exact=not clip.source.is_dir(),
    )
