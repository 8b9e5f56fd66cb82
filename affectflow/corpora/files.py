"""Finding videos below a folder, and names that are safe to use as ids."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from affectflow.errors import InputError

#: Endings, in lower case, by which a file counts as a video.
VIDEO_EXTENSIONS = (
    ".avi",
    ".flv",
    ".m2ts",
    ".m4v",
    ".mkv",
    ".mov",
    ".mp4",
    ".mpeg",
    ".mpg",
    ".mts",
    ".ogv",
    ".ts",
    ".webm",
    ".wmv",
)

#: Endings, in lower case, by which a file counts as an image.
IMAGE_EXTENSIONS = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff")


def require_folder(root: Path) -> None:
    """Raises InputError unless ``root`` is a folder."""
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "does not exist"
        raise InputError(f"corpus folder {root} {what}; give the folder that holds the corpus")


def walk(
    root: Path, enter: Callable[[Path], bool] = lambda folder: True
) -> Iterator[tuple[Path, list[str], list[str]]]:
    """Folders below ``root`` with the sorted names of their folders and files.

    Follows links to folders, each real folder once; leaves out hidden names (so also the ``._*``
    files that macOS writes beside videos).

    Args:
        enter: says of a folder whether to go into it; it is listed as a name either way.
    """
    seen: set[tuple[int, int]] = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        shown = sorted(name for name in folders if not name.startswith("."))
        yield Path(folder), shown, sorted(name for name in files if not name.startswith("."))
        folders[:] = [name for name in shown if enter(Path(folder, name))]


def is_video(name: str) -> bool:
    """Whether a file's name ends as a video's does."""
    return os.path.splitext(name)[1].lower() in VIDEO_EXTENSIONS


def is_image(name: str) -> bool:
    """Whether a file's name ends as an image's does."""
    return os.path.splitext(name)[1].lower() in IMAGE_EXTENSIONS


def as_id(name: str | PurePosixPath) -> str:
    """A name as text that can be encoded: bytes of a name that are not UTF-8 become ``\\xNN``."""
    return os.fsencode(str(name)).decode("utf-8", "backslashreplace")


def as_key(name: str) -> str:
    """A name as it is compared: composed letters (macOS stores them taken apart), ``/`` between
    folders, no leading ``./``."""
    text = unicodedata.normalize("NFC", name.strip()).replace("\\", "/")
    return str(PurePosixPath(text)) if text else ""
