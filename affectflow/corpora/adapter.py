"""The contract of a corpus adapter, and finding one by name.

Modules of this package list theirs in ``ADAPTERS``: adding a corpus is adding one file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Literal, Protocol

from pydantic import Field

import affectflow.corpora
from affectflow.corpora.clip import Clip
from affectflow.corpora.labels import Labels
from affectflow.errors import InputError
from affectflow.settings import Seed, settings


@settings
class CorpusSettings:
    """How a corpus is listed and its labels are read."""

    eval_fraction: float = Field(
        default=0.2,
        ge=0.001,
        le=0.999,
        description="expected share of subjects that are kept for evaluation, where the corpus"
        " itself names no split",
    )
    seed: Seed = Field(default=0, description="of the choice of who is kept")
    label_slack: int = Field(
        default=0,
        ge=0,
        le=1000,
        description="rows that may be missing or too many at the end of an annotation, never at its"
        " beginning; 0 is exact",
    )
    first_frame: Literal[0, 1] = Field(
        default=0, description="the number that a table of labels gives a video's first frame"
    )
    label_max_gap_s: float = Field(
        default=1.0,
        ge=0.001,
        le=3600.0,
        description="labels by second are interpolated between rows at most so far apart",
    )
    annotations: str = Field(
        default="",
        description="file or folder of the annotations, within the corpus's folder; empty = where"
        " the adapter looks by itself",
    )
    prefer: Literal["videos", "cropped"] = Field(
        default="videos",
        description="where a corpus has both the videos and the faces that its owners cut out of"
        " them (Aff-Wild2), the videos, or the faces; what is there alone is taken",
    )
    mirrored: Literal["none", "copies"] = Field(
        default="none",
        description="copies gives every clip a second time, flipped left to right and by a subject"
        " of its own (paper 1), in the split of the first",
    )
    split_by: Literal["subject", "image"] = Field(
        default="subject",
        description="subject keeps a person in one split; image splits clip by clip, as paper 4"
        " does with CREMA-D, whose figures are of people whom the model has seen. For corpora whose"
        " splits are made here, by hash",
    )
    points: Literal["none", "emotions"] = Field(
        default="none",
        description="emotions gives the frames of a clip that has an expression and no annotation"
        " of its own the valence and arousal of that emotion (paper 1, Table 2); an expression that"
        " has no point there, such as calm, leaves them without",
    )
    last_frames: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="points and classes stand at so many decoded frames at the end of a clip alone"
        " (paper 1, Sec. 4.5, step 6: 50); 0 = at all",
    )
    duplicates: Literal["keep", "drop"] = Field(
        default="keep",
        description="drop leaves training clips out that show, face by face, what a clip for"
        " evaluation shows; keep trains on them, as papers do. Either way they are counted, and so"
        " are clips that stand twice in one split, which are never left out",
    )

    def __post_init__(self) -> None:
        named = PurePath(self.annotations)
        # A message about a table shows lines of it, and who triggers a run may read messages alone.
        if named.is_absolute() or ".." in named.parts:
            raise InputError(
                f"annotations is {self.annotations!r}; it must be a path within the corpus's folder"
            )


class CorpusAdapter(Protocol):
    """What lists the clips of a corpus and reads their labels."""

    name: str

    def list_clips(self, root: Path, settings: CorpusSettings) -> list[Clip]:
        """The clips below ``root``, sorted by video_id; no video is opened.

        Asked by ``affectflow.corpora.listing``, which adds what is the same for every corpus.

        Raises:
            InputError: the folder does not hold such a corpus, or a subject is in two splits.
        """

    def read_labels(self, clip: Clip) -> Labels | None:
        """The labels of a clip; None when it has none.

        Raises:
            RejectedClip: ``no_labels`` or ``bad_labels``.
        """


def get_adapter(name: str) -> CorpusAdapter:
    """The adapter of that name.

    Raises:
        InputError: there is none; the message lists those there are.
    """
    adapters = _adapters()
    if name not in adapters:
        raise InputError(f"corpus is {name!r}; it must be one of {', '.join(sorted(adapters))}")
    return adapters[name]


def adapter_names() -> tuple[str, ...]:
    """The corpora that there is an adapter for, sorted."""
    return tuple(sorted(_adapters()))


def check_subjects(clips: Iterable[Clip]) -> None:
    """Makes sure that no subject stands in two splits and no video_id stands for two clips.

    Raises:
        InputError: naming the subject, or the id, and the clips.
    """
    by_id: dict[str, Clip] = {}
    by_subject: dict[str, Clip] = {}
    for clip in clips:
        same = by_id.setdefault(clip.video_id, clip)
        if same is not clip:
            raise InputError(
                f"video_id {clip.video_id!r} stands for two clips, "
                f"{_where(same)} and {_where(clip)}; ids must differ"
            )
        other = by_subject.setdefault(clip.subject_id, clip)
        if other.split != clip.split:
            raise InputError(
                f"subject {clip.subject_id!r} stands in both splits, with clip "
                f"{other.video_id!r} in {other.split} and {clip.video_id!r} in {clip.split}; "
                "all clips of a subject must be in one"
            )


@lru_cache(maxsize=1)
def _adapters() -> dict[str, CorpusAdapter]:
    found: dict[str, CorpusAdapter] = {}
    for info in pkgutil.iter_modules(affectflow.corpora.__path__):
        module = importlib.import_module(f"{affectflow.corpora.__name__}.{info.name}")
        found.update({adapter.name: adapter for adapter in getattr(module, "ADAPTERS", ())})
    return found


def _where(clip: Clip) -> str:
    return f"{clip.source} ({clip.labels.parent.name if clip.labels else 'no labels'})"
