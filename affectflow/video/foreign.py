"""What a file is that is not what its name says: what its first bytes tell, and what would help."""

from __future__ import annotations

import re

HEAD_BYTES = 65_536
"""Of a file's beginning, what is looked at."""

_PAGE = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body)\b",
                   re.IGNORECASE | re.DOTALL)  # fmt: skip
_PLAYLIST = re.compile(
    rb"\s*(?:#EXTM3U|ffconcat version|\[playlist\]|<\?xml[^>]*>\s*<(?:MPD|asx)\b)"
)
_BEGINNINGS = (
    (b"PK\x03\x04", "a ZIP archive"), (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"), (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"), (b"\xfd7zXZ\0", "an xz archive"),
    (b"BZh", "a bzip2 archive"), (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"%PDF-", "a PDF document"), (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"), (b"SQLite format 3\0", "an SQLite database"),
    (b"\x7fELF", "a program"),
)  # fmt: skip
_IMAGES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"), (b"II*\0", "TIFF"), (b"MM\0*", "TIFF"), (b"8BPS", "PSD"),
)  # fmt: skip
_STILL_BRANDS = (b"heic", b"heix", b"mif1", b"avif")
_Y4M = b"YUV4MPEG2 "  # the one video that begins with text


def stand_in(head: bytes) -> str:
    """What stands in the place of any file, in words; "" when it is nothing that is known here.

    Args:
        head: the first ``HEAD_BYTES`` of a file, or all of it.
    """
    if head.startswith(b"version https://git-lfs.github.com/spec/"):
        return (
            "is a pointer of Git LFS and not the file itself; 'git lfs pull' in its repository"
            " fetches it"
        )
    if head.startswith(b"/annex/objects/") or head.startswith(b"../.git/annex/"):
        return "is a pointer of git-annex and not the file itself; 'git annex get' fetches it"
    if _PAGE.match(head[:2048]):
        return "is a web page, as a download gives that asked for a login; download it again"
    if len(head) == HEAD_BYTES and not head.strip(b"\0"):
        return "begins with nothing but zeros, as a download that was not finished; copy it again"
    return ""


def no_video(head: bytes) -> str:
    """What a file is that is neither a video nor known to :func:`stand_in`; "" otherwise."""
    for mark, what in _BEGINNINGS:
        if head.startswith(mark):
            return f"is {what}, not a video; unpack it" if "archive" in what else _is(what)
    if head[257:262] == b"ustar":
        return "is a tar archive, not a video; unpack it"
    for mark, what in _IMAGES:
        if head.startswith(mark):
            return _is(f"an image ({what})")
    if head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"WAVE"):
        return _is("an image (WebP)" if head[8:12] == b"WEBP" else "sound alone (WAVE)")
    if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS:
        return _is("an image (HEIF)")
    if _PLAYLIST.match(head[:512]):
        return "is a playlist, which names videos and is none; playlists and scripts are refused"
    if _is_text(head) and not head.startswith(_Y4M):
        start = " ".join(head[:200].decode("utf-8", "replace").split())[:40]
        return _is(f"text, which begins with {start!r}")
    return ""


def _is(what: str) -> str:
    return f"is {what}, not a video"


def _is_text(head: bytes) -> bool:
    """Whether bytes are UTF-8 (cut anywhere) and hold no control character but white space."""
    part = head[:1024]
    try:
        text = part.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(part) - 3:
            return False
        text = part[: error.start].decode("utf-8")
    return bool(text) and all(letter >= " " or letter in "\t\n\v\f\r" for letter in text)
