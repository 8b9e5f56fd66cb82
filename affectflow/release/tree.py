"""The content of a folder: every file with its SHA-256 and size."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

_CHUNK = 1 << 20


@dataclass(frozen=True)
class FileEntry:
    """One file's content: SHA-256 in hex, and size in bytes."""

    sha256: str
    bytes: int

    @classmethod
    def of(cls, path: Path) -> FileEntry:
        """Reads a file, a megabyte at a time."""
        hasher, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                hasher.update(chunk)
                size += len(chunk)
        return cls(hasher.hexdigest(), size)


def tree_entries(root: Path) -> dict[str, FileEntry]:
    """Every file under ``root``, by its path relative to it with ``/``, sorted."""
    found = [Path(folder) / name for folder, _, names in os.walk(root) for name in names]
    return {path.relative_to(root).as_posix(): FileEntry.of(path) for path in sorted(found)}


def entries_digest(entries: Mapping[str, FileEntry]) -> str:
    """One SHA-256, in hex, over names and contents."""
    listing = {name: asdict(entry) for name, entry in entries.items()}
    return hashlib.sha256(json.dumps(listing, sort_keys=True).encode("utf-8")).hexdigest()


def tree_digest(root: Path) -> str:
    """One SHA-256, in hex, over the names and contents of all files under ``root``."""
    return entries_digest(tree_entries(root))
