"""Where a clip's faces stand: shards of a set size, filled clip by clip.

A clip's frames stand one after another, over as few shards as the size allows, and ``clips.json``
says where. So a reader gets a clip in time order without any shuffle.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from affectflow.corpora.clip import ClipKey

CLIPS_FILE = "clips.json"


@dataclass(frozen=True)
class Piece:
    """Faces [start, stop) of a clip, counted among its frames that have a face."""

    position: int
    start: int
    stop: int


@dataclass(frozen=True)
class ShardPlan:
    """One shard of a split: its number, how many there are, and its pieces in order."""

    split: str
    number: int
    total: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class ClipPart:
    """Records [start, stop) of a shard."""

    shard: int
    start: int
    stop: int


@dataclass(frozen=True)
class StoredClip:
    """Where a clip stands in an Examples artifact, and what can be learnt from it.

    Attributes:
        video_id, subject_id, corpus, split: the clip.
        parts: its records, in order.
        in_plane: how many of them have a valence and an arousal.
        classes: task -> class of the clip, of those tasks that the corpus labels.
    """

    video_id: str
    subject_id: str
    corpus: str
    split: str
    parts: tuple[ClipPart, ...]
    in_plane: int = 0
    classes: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> ClipKey:
        """What tells it from all others."""
        return ClipKey(self.split, self.corpus, self.video_id)


def plan_shards(split: str, clips: Iterable[tuple[int, int]], shard_frames: int) -> list[ShardPlan]:
    """Fills shards of ``shard_frames`` faces, the last with what is left.

    Args:
        split: of all these clips.
        clips: (position in the manifest, number of faces), in the order wanted.
        shard_frames: faces a shard.
    """
    shards: list[list[Piece]] = [[]]
    room = shard_frames
    for position, faces in clips:
        start = 0
        while start < faces:
            if not room:
                shards.append([])
                room = shard_frames
            stop = min(faces, start + room)
            shards[-1].append(Piece(position, start, stop))
            room -= stop - start
            start = stop
    shards = [pieces for pieces in shards if pieces]
    return [
        ShardPlan(split, number, len(shards), tuple(pieces)) for number, pieces in enumerate(shards)
    ]


def one_shard_each(clips: Iterable[StoredClip]) -> list[tuple[int, int, StoredClip]]:
    """(number, total, clip), for a shard of its own: its place among the clips of its split."""
    clips = list(clips)
    totals = Counter(clip.split for clip in clips)
    before: Counter[str] = Counter()
    placed = []
    for clip in clips:
        placed.append((before[clip.split], totals[clip.split], clip))
        before[clip.split] += 1
    return placed


def clip_parts(plans: Sequence[ShardPlan]) -> dict[int, tuple[ClipPart, ...]]:
    """Where each clip's records are, by position in the manifest."""
    parts: dict[int, list[ClipPart]] = {}
    for plan in plans:
        at = 0
        for piece in plan.pieces:
            size = piece.stop - piece.start
            parts.setdefault(piece.position, []).append(ClipPart(plan.number, at, at + size))
            at += size
    return {position: tuple(found) for position, found in parts.items()}


def save_clips(examples_uri: str | Path, clips: Iterable[StoredClip]) -> None:
    """Writes ``clips.json`` beside the splits."""
    text = json.dumps([asdict(clip) for clip in clips], indent=1, ensure_ascii=False)
    Path(examples_uri, CLIPS_FILE).write_text(text + "\n", encoding="utf-8")


def load_clips(examples_uri: str | Path) -> list[StoredClip]:
    """The inverse of :func:`save_clips`."""
    rows = json.loads(Path(examples_uri, CLIPS_FILE).read_text(encoding="utf-8"))
    return [
        StoredClip(**{**row, "parts": tuple(ClipPart(**part) for part in row["parts"])})
        for row in rows
    ]
