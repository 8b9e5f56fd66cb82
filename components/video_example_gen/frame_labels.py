"""What is said of each decoded frame of a clip: a place in the plane, the clip's classes, both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.classes import EXPRESSION
from affectflow.corpora.clip import Clip
from affectflow.corpora.mirrored import original
from affectflow.emotions import EMOTIONS
from affectflow.faces.entry import StoredFaces


@dataclass(frozen=True)
class FrameLabels:
    """A row for each of a clip's N decoded frames.

    Attributes:
        values: float32 [N, 2], valence and arousal; NaN = none.
        classed: bool [N], whether the clip's classes stand there.
    """

    values: np.ndarray
    classed: np.ndarray

    @property
    def in_plane(self) -> np.ndarray:
        """bool [N]: frames that have valence and arousal."""
        return ~np.isnan(self.values).any(axis=1)

    @property
    def labelled(self) -> np.ndarray:
        """bool [N]: frames that have valence and arousal, or a class."""
        return self.classed | self.in_plane


def frame_labels(clip: Clip, faces: StoredFaces, settings: CorpusSettings) -> FrameLabels:
    """The labels of a clip, by frame.

    Classes, and the points that ``settings.points`` makes of them, stand at the last
    ``settings.last_frames`` frames that were decoded, whether they show a face or not. An
    annotation is the corpus's own word and stands wherever it says.

    Raises:
        RejectedClip: they are missing from a corpus that has labels, wrong, or do not fit.
    """
    count = faces.frames_decoded
    told = _at_the_end(count, settings.last_frames)
    classed = told & bool(clip.classes)
    labels = get_adapter(clip.corpus).read_labels(original(clip))
    if labels is not None:
        values = labels.align(
            count,
            faces.index["timestamp_s"],
            slack=settings.label_slack,
            max_gap_s=settings.label_max_gap_s,
            frames_exact=not clip.source.is_dir(),
            first_frame=settings.first_frame,
        )
        return FrameLabels(values, classed)
    values = np.full((count, 2), np.nan, np.float32)
    point = EMOTIONS.get(dict(clip.classes).get(EXPRESSION, ""))
    if settings.points == "emotions" and point is not None:
        values[told] = point
    return FrameLabels(values, classed)


def _at_the_end(count: int, last: int) -> np.ndarray:
    """bool [count]: which frames are among the last so many; 0 = all are."""
    return np.arange(count) >= (count - last if last else 0)
