"""The content of a folder: every file with its SHA-256 and size."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class FileEntry:
    """One file's content: SHA-256 in hex, and size in bytes."""

    sha256: str
    bytes: int

    @classmethod
    def of(cls, path: Path) -> FileEntry:
        """Reads a file."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return cls(digest, file.tell())


def tree_files(root: Path) -> dict[str, Path]:
    """The files under ``root``, by path relative to it with ``/``, sorted."""
    found = sorted(Path(folder) / name for folder, _, names in os.walk(root) for name in names)
    return {path.relative_to(root).as_posix(): path for path in found}


def tree_entries(root: Path) -> dict[str, FileEntry]:
    """Every file under ``root``, by its path relative to it with ``/``, sorted.

    A root that is a file is the only one, by its own name.
    """
    if root.is_file():
        return {root.name: FileEntry.of(root)}
    found = tree_files(root)
    # Digests are made without Python's lock.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(found, pool.map(FileEntry.of, found.values()), strict=True))


def entries_digest(entries: Mapping[str, FileEntry]) -> str:
    """One SHA-256, in hex, over names and contents."""
    return json_digest({name: asdict(entry) for name, entry in entries.items()})


def json_digest(values: Mapping[str, Any]) -> str:
    """One SHA-256, in hex, over JSON values, in whatever order they stand."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode("utf-8")).hexdigest()


def tree_digest(root: Path) -> str:
    """One SHA-256, in hex, over the names and contents of all files under ``root``."""
    return entries_digest(tree_entries(root))
