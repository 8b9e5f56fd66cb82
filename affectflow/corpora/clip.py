"""A clip: one person in one video, with whom, which split and which annotation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SPLITS = ("train", "eval")


@dataclass(frozen=True)
class Clip:
    """One annotated person in one video, as a corpus adapter lists it.

    Attributes:
        corpus: name of the corpus, e.g. ``affwild2``.
        video_id: unique within the corpus; what annotations and predictions call the clip.
        subject_id: the person; a subject never stands in two splits.
        split: ``train`` or ``eval``.
        source: the video file, or a folder of cropped and aligned images.
        labels: the annotation file, or None where the clip has none.
        person: ``left`` or ``right`` when the annotation belongs to one of two people, else "".
    """

    corpus: str
    video_id: str
    subject_id: str
    split: str
    source: Path
    labels: Path | None = None
    person: str = ""

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(f"{self.video_id}: split {self.split!r} is not one of {SPLITS}")
        if self.person not in ("", "left", "right"):
            raise ValueError(f"{self.video_id}: person {self.person!r} is not left, right or empty")
