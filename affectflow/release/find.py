"""The release that a folder means."""

from __future__ import annotations

from pathlib import Path

from affectflow.errors import InputError
from affectflow.release.folder import MANIFEST, Release, is_numbered, latest, load


def find_release(folder: str | Path) -> Release:
    """Reads a release and checks it.

    Args:
        folder: a release, or the latest of a folder of releases, or of a workspace.

    Raises:
        InputError: it holds no release, or one that is incomplete, damaged or of another format.
    """
    path = Path(folder)
    if (path / MANIFEST).exists() or is_numbered(path):
        return load(path)
    found = latest(path) or latest(path / "releases")
    if found is None:
        what = "holds no release" if path.is_dir() else "does not exist"
        raise InputError(
            f"{str(path)!r} {what}; 'affectflow release' or 'affectflow import-weights' makes one,"
            " and --release names one elsewhere"
        )
    return found
