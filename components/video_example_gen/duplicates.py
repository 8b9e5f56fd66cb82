"""Equal clips among those that were decoded: counted, and left out of training where asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from affectflow.corpora.clip import Clip
from affectflow.corpora.duplicates import CAUSE, ClipContent, Duplicates, find_duplicates
from affectflow.corpora.mirrored import original
from components.video_example_gen.frame_labels import FrameLabels
from components.video_example_gen.report import ClipReport


def labels_digest(clip: Clip, labels: FrameLabels, frames: np.ndarray) -> str:
    """sha256, hex, of what is said of a clip's frames; "" = nothing is.

    Args:
        frames: int [F], those that have a face.
    """
    if not labels.labelled[frames].any():
        return ""
    total = hashlib.sha256(repr(clip.classes).encode())
    total.update(labels.classed[frames].tobytes())
    total.update(labels.values[frames].tobytes())
    return total.hexdigest()


def without_duplicates(
    clips: Sequence[Clip], reports: Sequence[ClipReport], duplicates: str
) -> tuple[list[ClipReport], Duplicates]:
    """The reports, and how many clips show the same.

    Args:
        clips: of the corpus, by position.
        reports: what came of each.
        duplicates: ``drop`` rejects training clips that show what a clip for evaluation shows, and
            their mirrored copies; ``keep`` does not.
    """
    compared = [
        ClipContent(report.video_id, report.split, report.content, report.labels)
        for report in reports
        if not report.cause and not clips[report.position].mirrored
    ]
    found, in_eval = find_duplicates(compared)
    if duplicates == "keep":
        return list(reports), found
    kept = [
        _dropped(report, in_eval[who])
        if not report.cause and (who := original(clips[report.position]).video_id) in in_eval
        else report
        for report in reports
    ]
    return kept, replace(found, dropped=len(in_eval))


def _dropped(report: ClipReport, equal: str) -> ClipReport:
    return ClipReport(
        report.position,
        report.video_id,
        report.split,
        cause=CAUSE,
        detail=f"equal to {equal!r}, which is evaluated; duplicates=keep would train on it",
    )
