"""How often a corpus was to be tried again: a build is used again only while that is the same.

A build that left out clips for what may pass (a decoder that was killed, a lost mount) is as good
as any other of that night, but the next one has to try them again. The driver puts the number among
the properties of which TFX's cache key is made.
"""

from __future__ import annotations

from pathlib import Path

from affectflow.corpora.manifest import Manifest
from affectflow.faces.settings import FaceSettings
from affectflow.faces.store import FaceStore
from affectflow.files import whole_file

_FOLDER = "retries"


def retries(store: str | Path, manifest: Manifest) -> int:
    """How often, so far; 0 for a corpus of which nothing is to be tried again."""
    try:
        return int(_path(store, manifest).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return 0


def try_again(store: str | Path, manifest: Manifest) -> int:
    """Has the next build of the corpus work on all that was rejected; gives the new number."""
    number = retries(store, manifest) + 1
    path = _path(store, manifest)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        part.write_text(f"{number}\n", encoding="ascii")
    return number


def forget_rejects(store: FaceStore, faces: FaceSettings, manifest: Manifest) -> None:
    """Forgets what was found of the corpus's clips that cannot be used."""
    for entry in manifest.entries:
        key = store.key(entry.source_digest, faces.digest(), entry.clip.part)
        store.forget_rejection(key)


def _path(store: str | Path, manifest: Manifest) -> Path:
    return Path(store, _FOLDER, manifest.digest())
