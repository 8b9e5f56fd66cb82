"""Versions of the packages that decide a result."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "affectflow",
    "apache-beam",
    "ffmpeg-python",
    "imageio-ffmpeg",
    "keras",
    "mediapipe",
    "numpy",
    "opencv-contrib-python",
    "tensorflow",
    "tensorflow-model-analysis",
    "tensorflow-transform",
    "tfx",
)


def package_versions() -> dict[str, str]:
    """Name → installed version, and Python's own; packages that are not there are left out."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
