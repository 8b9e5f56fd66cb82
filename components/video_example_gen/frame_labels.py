"""What is said of each decoded frame of a clip: a place in the plane, the clip's classes, both."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from affectflow.corpora.adapter import CorpusSettings, get_adapter
from affectflow.corpora.classes import EXPRESSION
from affectflow.corpora.clip import Clip
from affectflow.corpora.labels import Labels
from affectflow.corpora.mirrored import original
from affectflow.emotions import EMOTIONS
from affectflow.errors import RejectedClip
from affectflow.faces.entry import StoredFaces


@dataclass(frozen=True)
class FrameLabels:
    """A row for each of a clip's N decoded frames.

    Attributes:
        values: float32 [N, 2], valence and arousal; NaN = none.
        classed: bool [N], whether the clip's classes stand there.
        beyond: float32 [K, 2], annotated rows after the last image of a folder of cropped faces:
            frames in which no face was seen.
    """

    values: np.ndarray
    classed: np.ndarray
    beyond: np.ndarray = field(default_factory=lambda: np.empty((0, 2), np.float32))

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
        RejectedClip: they are missing from a corpus that has labels, wrong, or do not fit, or they
            name frames of a video of which pictures are missing: nobody knows which.
    """
    count = faces.frames_decoded
    told = _at_the_end(count, settings.last_frames)
    classed = told & bool(clip.classes)
    labels = get_adapter(clip.corpus).read_labels(original(clip))
    if labels is not None:
        _check_lost(clip, faces, labels)
        cropped = clip.source.is_dir()
        values = labels.align(
            count,
            faces.index["timestamp_s"],
            slack=settings.label_slack,
            max_gap_s=settings.label_max_gap_s,
            frames_exact=not cropped,
            first_frame=settings.first_frame,
        )
        if cropped:
            return FrameLabels(values, classed, labels.beyond(count, settings.first_frame))
        return FrameLabels(values, classed)
    values = np.full((count, 2), np.nan, np.float32)
    point = EMOTIONS.get(dict(clip.classes).get(EXPRESSION, ""))
    if settings.points == "emotions" and point is not None:
        values[told] = point
    return FrameLabels(values, classed)


def _check_lost(clip: Clip, faces: StoredFaces, labels: Labels) -> None:
    """Refuses labels of frames whose numbers, or times, are not certain.

    Faces that were kept in spite of decode errors are taken as they are, as was asked for.
    """
    lost = faces.lost_pictures
    if not lost or faces.summary.get("decode_errors"):
        return
    if labels.seconds is None:
        named, remedy = "frames by number", "labels by second, or on_corrupt=keep,"
    elif not faces.times_certain:
        named, remedy = "times, which the container does not keep", "on_corrupt=keep"
    else:
        return
    raise RejectedClip(
        "corrupt",
        f"{clip.source}: {lost} of {faces.frames_decoded + lost} pictures are missing, and"
        f" {labels.origin} names {named}; a whole file would do, and {remedy} takes this one",
    )


def _at_the_end(count: int, last: int) -> np.ndarray:
    """bool [count]: which frames are among the last so many; 0 = all are."""
    return np.arange(count) >= (count - last if last else 0)
