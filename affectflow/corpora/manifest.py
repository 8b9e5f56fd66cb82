"""The manifest: a corpus's clips with digests of what they hold; says if a rebuild is due."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affectflow.corpora.classes import as_classes
from affectflow.corpora.clip import Clip
from affectflow.errors import InputError
from affectflow.unforeseen import MachineFault, in_short

MANIFEST_FILE = "manifest.json"
"""Beside the frames that were made of its clips."""

_FORMAT = 1


@dataclass(frozen=True)
class ManifestEntry:
    """A clip and the digests of its source and its annotation file; "" where there is none."""

    clip: Clip
    source_digest: str
    labels_digest: str


@dataclass(frozen=True)
class Manifest:
    """The clips of a corpus, sorted by corpus and video_id."""

    entries: tuple[ManifestEntry, ...]

    @property
    def clips(self) -> list[Clip]:
        """The clips alone."""
        return [entry.clip for entry in self.entries]

    def digest(self) -> str:
        """sha256, hex, over all of the corpus that decides a result.

        Contents count, and what a clip is called, who is in it and where it stands; where its
        files lie does not, so a corpus that is moved or mounted elsewhere has the same digest.
        """
        rows = sorted(
            [
                clip.corpus,
                clip.video_id,
                clip.subject_id,
                clip.split,
                clip.person,
                entry.source_digest,
                entry.labels_digest,
                # A corpus without them keeps the digest that it had before there were any.
                *([clip.item, clip.classes] if clip.item or clip.classes else []),
                *(["mirrored"] if clip.mirrored else []),
                *(["labelled as", *clip.label_names] if clip.label_names else []),
            ]
            for entry in self.entries
            for clip in (entry.clip,)
        )
        return hashlib.sha256(json.dumps([_FORMAT, rows]).encode()).hexdigest()

    def to_json(self) -> str:
        """The manifest as JSON text; equal manifests give equal text."""
        entries = [
            {
                "corpus": entry.clip.corpus,
                "video_id": entry.clip.video_id,
                "subject_id": entry.clip.subject_id,
                "split": entry.clip.split,
                "source": str(entry.clip.source),
                "labels": None if entry.clip.labels is None else str(entry.clip.labels),
                "person": entry.clip.person,
                "classes": dict(entry.clip.classes),
                "item": entry.clip.item,
                "mirrored": entry.clip.mirrored,
                "label_names": list(entry.clip.label_names),
                "source_digest": entry.source_digest,
                "labels_digest": entry.labels_digest,
            }
            for entry in self.entries
        ]
        return json.dumps({"format": _FORMAT, "clips": entries}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """The inverse of :meth:`to_json`.

        Raises:
            InputError: the text is no manifest of this format.
        """
        try:
            content = json.loads(text)
            if content["format"] != _FORMAT:
                raise InputError(f"manifest has format {content['format']!r}, wanted {_FORMAT}")
            entries = tuple(_entry(row) for row in content["clips"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"the text is not a manifest: {error!r}") from error
        return cls(entries)


def build_manifest(clips: Iterable[Clip], digest: Callable[[Path], str]) -> Manifest:
    """Digests the clips' files.

    Args:
        clips: in any order.
        digest: content digest of a file or folder; asked once for each path. A path that does
            not exist or may not be read has the digest "", so that the clip can be rejected
            later, by name.

    Raises:
        MachineFault: a path cannot be read, which names it: a disk that fails, say.
    """
    known: dict[Path | None, str] = {None: ""}

    def of(path: Path | None) -> str:
        if path not in known:
            assert path is not None
            try:
                known[path] = digest(path) if path.exists() else ""
            except (FileNotFoundError, PermissionError):
                known[path] = ""
            except OSError as error:
                # An error of reading names no file by itself.
                raise MachineFault(f"{path} cannot be read: {in_short(error)}") from error
        return known[path]

    ordered = sorted(clips, key=lambda clip: (clip.corpus, clip.video_id))
    return Manifest(
        tuple(ManifestEntry(clip, of(clip.source), of(clip.labels)) for clip in ordered)
    )


def _entry(row: dict[str, Any]) -> ManifestEntry:
    labels = row["labels"]
    return ManifestEntry(
        Clip(
            corpus=str(row["corpus"]),
            video_id=str(row["video_id"]),
            subject_id=str(row["subject_id"]),
            split=str(row["split"]),
            source=Path(str(row["source"])),
            labels=None if labels is None else Path(labels),
            person=str(row["person"]),
            classes=as_classes(row.get("classes") or {}),
            item=str(row.get("item", "")),
            mirrored=bool(row.get("mirrored", False)),
            label_names=tuple(map(str, row.get("label_names", ()))),
        ),
        source_digest=str(row["source_digest"]),
        labels_digest=str(row["labels_digest"]),
    )
