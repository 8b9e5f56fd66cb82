"""Which files the clips of some frames come from."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

from affectflow.corpora.clip import ClipKey
from affectflow.corpora.manifest import MANIFEST_FILE, Manifest
from affectflow.errors import InputError
from affectflow.records.clips import CLIPS_FILE, load_clips


class SourceClip(NamedTuple):
    """A clip of a source: who it is and its place among the clips of its split."""

    video_id: str
    subject_id: str
    corpus: str
    split: str
    place: int

    @property
    def key(self) -> ClipKey:
        """What tells it from all others."""
        return ClipKey(self.split, self.corpus, self.video_id)


class Source(NamedTuple):
    """A file or folder, the digest of what it held when it was decoded, and its clips.

    Several where it shows two people: they are heard together.
    """

    path: Path
    digest: str
    clips: tuple[SourceClip, ...]


def sources_of(frames: Path) -> list[Source]:
    """The sources of the clips that have frames; rejected clips have none.

    Args:
        frames: folder of VideoExampleGen's ``examples``.

    Raises:
        InputError: a file is missing there, or the two do not belong together.
    """
    for name in (CLIPS_FILE, MANIFEST_FILE):
        if not (frames / name).is_file():
            raise InputError(f"{frames} has no {name}; give the examples of a VideoExampleGen")
    manifest = Manifest.from_json((frames / MANIFEST_FILE).read_text(encoding="utf-8"))
    entries = {(entry.clip.corpus, entry.clip.video_id): entry for entry in manifest.entries}
    found: dict[tuple[Path, str], list[SourceClip]] = {}
    places: Counter[str] = Counter()
    for stored in load_clips(frames):
        entry = entries.get((stored.corpus, stored.video_id))
        if entry is None:
            raise InputError(
                f"clip {stored.video_id!r} of {frames / CLIPS_FILE} is not in {MANIFEST_FILE}; "
                "both must be of one VideoExampleGen"
            )
        clip = SourceClip(
            stored.video_id, stored.subject_id, stored.corpus, stored.split, places[stored.split]
        )
        places[stored.split] += 1
        found.setdefault((entry.clip.source, entry.source_digest), []).append(clip)
    return [Source(path, digest, tuple(clips)) for (path, digest), clips in found.items()]
