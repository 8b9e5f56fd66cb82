"""Files that are there whole or not at all, and the scraps of a render that was killed."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MARK = ".rendering-"


@contextmanager
def scratch_path(target: Path) -> Iterator[Path]:
    """A path beside ``target`` to write to and then move; what is left there is removed."""
    scratch = target.with_name(f"{_MARK}{uuid.uuid4().hex[:12]}-{target.name}")
    try:
        yield scratch
    finally:
        scratch.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Writes a UTF-8 file atomically, making its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with scratch_path(path) as scratch:
        scratch.write_text(text, encoding="utf-8", newline="\n")
        os.replace(scratch, path)


def sweep(folder: Path) -> None:
    """Removes what a killed render left below ``folder``."""
    for scrap in folder.rglob(f"{_MARK}*"):
        scrap.unlink(missing_ok=True)
