"""Naming content: what a video file or a folder of images holds, and not reading it twice."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from pathlib import Path

from affectflow.files import whole_file

logger = logging.getLogger(__name__)


def content_digest(path: Path | str) -> str:
    """sha256, hex, of a file's bytes, or of a folder's files by sorted name and content.

    A folder's digest covers the files directly in it, hidden ones left out; it changes when a file
    is renamed, added, removed or changed, and differs from that of any file.

    Raises:
        OSError: something cannot be read.
    """
    path = Path(path)
    if not path.is_dir():
        return _file_digest(path)
    total = hashlib.sha256(b"folder\0")
    for child in _files(path):
        total.update(os.fsencode(child.name) + b"\0" + _file_digest(child).encode())
    return total.hexdigest()


class DigestCache:
    """Digests remembered in a file by (absolute path, size, modification time, inode).

    A file that kept all four is taken as unchanged, so a nightly rebuild need not read terabytes
    again. Folders are remembered by their files' four. Threads may share one; a lost or damaged
    cache file only costs reading again.

    Args:
        file: where digests are kept; made by ``save``.
    """

    def __init__(self, file: Path | str):
        self.file = Path(file)
        self._lock = threading.Lock()
        self._known: dict[str, list[str]] = self._load()
        self._changed = False

    def digest(self, path: Path | str) -> str:
        """``content_digest(path)``, read only when the path is new or changed.

        Raises:
            OSError: the path is not there or cannot be read.
        """
        path = Path(os.path.abspath(path))
        state = _state(path)
        name = os.fsencode(path).decode("utf-8", "backslashreplace")
        with self._lock:
            known = self._known.get(name)
        if known is not None and known[0] == state:
            return known[1]
        digest = content_digest(path)
        # A file that changed while it was read has no digest that its state stands for.
        if _state(path) == state:
            with self._lock:
                self._known[name] = [state, digest]
                self._changed = True
        return digest

    def save(self) -> None:
        """Writes the cache file whole, merged with what another process saved meanwhile.

        Raises:
            OSError: it cannot be written.
        """
        with self._lock:
            if not self._changed:
                return
            merged = {**self._load(), **self._known}
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(self.file) as part:
                part.write_text(json.dumps(merged, sort_keys=True), "utf-8")
            self._known, self._changed = merged, False

    def __enter__(self) -> DigestCache:
        return self

    def __exit__(self, *_: object) -> None:
        self.save()

    def _load(self) -> dict[str, list[str]]:
        try:
            saved = json.loads(self.file.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            logger.warning("digest cache %s is not readable (%s); begun anew", self.file, error)
            return {}
        if not isinstance(saved, dict):
            return {}
        return {name: entry for name, entry in saved.items() if _is_entry(entry)}


def _is_entry(entry: object) -> bool:
    return isinstance(entry, list) and [type(part) for part in entry] == [str, str]


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))


def _file_digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _state(path: Path) -> str:
    """Size, modification time (ns) and inode of a file; a digest of those of a folder's files."""
    if not path.is_dir():
        seen = path.stat()
        return f"{seen.st_size}:{seen.st_mtime_ns}:{seen.st_ino}"
    total = hashlib.sha256()
    with os.scandir(path) as children:
        for child in sorted(children, key=lambda c: c.name):
            if child.is_file() and not child.name.startswith("."):
                seen = child.stat()
                line = f"{seen.st_size}:{seen.st_mtime_ns}:{seen.st_ino}\0"
                total.update(os.fsencode(child.name) + b"\0" + line.encode())
    return f"folder:{total.hexdigest()}"
