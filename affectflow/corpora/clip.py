"""A clip: one person in one video or image, with whom, which split and which labels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from affectflow.corpora.classes import Classes, as_classes

SPLITS = ("train", "eval")

MIRRORED_SUFFIX = "~mirrored"
"""What the ids of a mirrored copy, of its subject and of its part of the source end in."""


class ClipKey(NamedTuple):
    """One clip of a split; ``video_id`` is unique only within its corpus."""

    split: str
    corpus: str
    video_id: str

    def __str__(self) -> str:
        return f"{self.corpus}/{self.video_id} ({self.split})"


@dataclass(frozen=True)
class Clip:
    """One annotated person in one video or image, as a corpus adapter lists it.

    Attributes:
        corpus: name of the corpus, e.g. ``affwild2``.
        video_id: unique within the corpus; what annotations and predictions call the clip.
        subject_id: the person; a subject never stands in two splits.
        split: ``train`` or ``eval``.
        source: the video file, an image file, a folder of cropped and aligned images, or a
            table of images, of which ``item`` says which.
        labels: the annotation file, or None where the clip has none.
        person: ``left`` or ``right`` when the annotation belongs to one of two people, else "".
        classes: the class labels of the whole clip, as ``as_classes`` makes them.
        item: the number of the image where ``source`` is a table of images, else "".
        mirrored: the clip shows ``source`` flipped left to right (``affectflow.corpora.mirrored``);
            ``person`` is the side in the file as it is stored.
        label_names: what ``labels`` calls this clip, where it is a table of many; () = it is the
            clip's alone.
    """

    corpus: str
    video_id: str
    subject_id: str
    split: str
    source: Path
    labels: Path | None = None
    person: str = ""
    classes: Classes = ()
    item: str = ""
    mirrored: bool = False
    label_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise ValueError(f"{self.video_id}: split {self.split!r} is not one of {SPLITS}")
        if self.person not in ("", "left", "right"):
            raise ValueError(f"{self.video_id}: person {self.person!r} is not left, right or empty")
        if self.classes != as_classes(dict(self.classes)):
            raise ValueError(f"{self.video_id}: classes {self.classes!r} are not in order")

    @property
    def key(self) -> ClipKey:
        """What tells it from all others."""
        return ClipKey(self.split, self.corpus, self.video_id)

    @property
    def part(self) -> str:
        """Which part of its source the clip is: the person, or the image of a table; "" = all.

        A mirrored copy is another part than what it is a copy of.
        """
        return (self.person or self.item) + (MIRRORED_SUFFIX if self.mirrored else "")
