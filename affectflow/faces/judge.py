"""Who judges that a video cannot be used: another judge may find otherwise."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from affectflow.video.ffmpeg import describe_ffmpeg

_PACKAGES = Path(__file__).resolve().parents[1]
# What reads pictures and looks for faces in them, beside ffmpeg.
_LIBRARIES = ("mediapipe", "opencv-contrib-python", "pillow", "dlib-bin")
_CODE = ("video", "faces")


@lru_cache(maxsize=1)
def judge() -> dict[str, str]:
    """Versions of what decodes and detects here, and a digest of the code that asks it.

    Raises:
        InputError: no usable ffmpeg.
    """
    return {"ffmpeg": describe_ffmpeg(), "code": _code_digest(), **_versions()}


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _code_digest() -> str:
    digest = hashlib.sha256()
    for folder in _CODE:
        for path in sorted((_PACKAGES / folder).rglob("*.py")):
            digest.update(path.relative_to(_PACKAGES).as_posix().encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
