"""Finding videos below a folder, and names that are safe to use as ids."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath, PurePosixPath

from affectflow.errors import InputError
from affectflow.video.foreign import HEAD_BYTES, stand_in

#: Endings, in lower case, by which a file counts as a video: the usual ones of the containers that
#: ``affectflow.video.ffmpeg.FORMATS`` lets through (a test holds the two together).
VIDEO_EXTENSIONS = (
    ".264", ".265", ".3g2", ".3gp", ".3gpp", ".asf", ".avc", ".avi", ".divx", ".dv", ".f4v", ".flv",
    ".gif", ".h264", ".h265", ".hevc", ".ivf", ".m1v", ".m2p", ".m2t", ".m2ts", ".m2v", ".m4v",
    ".mj2", ".mk3d", ".mkv", ".mod", ".mov", ".mp4", ".mp4v", ".mpe", ".mpeg", ".mpeg4", ".mpg",
    ".mpv", ".mts", ".mxf", ".nut", ".ogm", ".ogv", ".qt", ".rm", ".rmvb", ".tod", ".trp", ".ts",
    ".vob", ".vro", ".webm", ".wmv", ".xvid", ".y4m",
)  # fmt: skip

#: Endings, in lower case, by which a file counts as an image.
IMAGE_EXTENSIONS = (".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff")

# Sound, which stands beside videos and is looked for in them alone.
_SOUND = (
    ".aac", ".aif", ".aiff", ".flac", ".m4a", ".mka", ".mp2", ".mp3", ".oga", ".ogg", ".opus",
    ".ra", ".wav", ".wma",
)  # fmt: skip

# Pictures and videos in forms that nothing here decodes, endings of videos that much else has
# (.dat, .rec), previews that cameras keep beside their videos, lists of videos, and downloads that
# were broken off.
_UNREAD = (
    ".amv", ".avif", ".bik", ".braw", ".crdownload", ".dat", ".dvr-ms", ".evo", ".heic", ".heif",
    ".insv", ".ism", ".jp2", ".lrv", ".m3u8", ".mjpeg", ".mjpg", ".mpd", ".mpo", ".nsv", ".part",
    ".partial", ".r3d", ".rec", ".svi", ".swf", ".webp", ".wtv",
)  # fmt: skip


def require_folder(root: Path) -> None:
    """Raises InputError unless ``root`` is a folder."""
    if not root.is_dir():
        what = "is not a folder" if root.exists() else "does not exist"
        raise InputError(f"corpus folder {root} {what}; give the folder that holds the corpus")


def stands_in(path: Path) -> str:
    """What stands in a file's place, such as a pointer of Git LFS, in words; "" for nothing known.

    Asked of files of labels that do not read as they should. One that cannot be read has nothing in
    its place: who reads it says so.
    """
    try:
        with path.open("rb") as file:
            return stand_in(file.read(HEAD_BYTES))
    except OSError:
        return ""


def require_itself(path: Path) -> None:
    """Raises InputError where something stands in a file's place; see :func:`stands_in`."""
    if found := stands_in(path):
        raise InputError(f"{path}: {found}")


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


def media_by_ending(names: Iterable[str], unread_alone: bool = False) -> str:
    """Files that look like media, though they are no videos, in words by their endings; "" = none.

    Args:
        names: of files.
        unread_alone: leaves out images and sound, which some corpora have beside their videos.
    """
    by_ending: dict[str, list[str]] = defaultdict(list)
    for name in names:
        ending = os.path.splitext(name)[1].lower()
        if ending in _UNREAD or (not unread_alone and ending in (*IMAGE_EXTENSIONS, *_SOUND)):
            by_ending[ending].append(name)
    ordered = sorted(by_ending.items(), key=lambda item: (-len(item[1]), item[0]))
    return ", ".join(f"{len(found)} {ending} (such as {found[0]})" for ending, found in ordered)


def as_id(name: str | PurePath) -> str:
    """A name as text that can be encoded: bytes of a name that are not UTF-8 become ``\\xNN``."""
    return os.fsencode(str(name)).decode("utf-8", "backslashreplace")


def as_key(name: str) -> str:
    """A name as it is compared: composed letters (macOS stores them taken apart), ``/`` between
    folders, no leading ``./``."""
    text = unicodedata.normalize("NFC", name.strip()).replace("\\", "/")
    return str(PurePosixPath(text)) if text else ""
