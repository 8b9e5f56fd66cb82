"""Versions of what decides a result beside the code: libraries, and ffmpeg."""

from __future__ import annotations

import importlib.util
import platform
import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

from pipelines.code_version import Closure

FFMPEG = "ffmpeg"
_RUNS_FFMPEG = "affectflow.video.ffmpeg"


def libraries_of(code: Closure) -> list[str]:
    """What to know the versions of where some code runs, sorted.

    Returns:
        distributions of what the code imports, and ``ffmpeg`` where it runs that. A namespace that
        many distributions share, such as ``google``, names none of them.
    """
    known = _distributions()
    names = {
        distribution
        for name in code.foreign
        for distribution in known.get(name, ())
        if (spec := importlib.util.find_spec(name)) is not None and spec.origin is not None
    }
    return sorted(names | ({FFMPEG} if _RUNS_FFMPEG in code.modules else set()))


def versions_of(names: Iterable[str]) -> dict[str, str]:
    """Name → version here; what is not installed is left out.

    Raises:
        InputError: no usable ffmpeg, where its version is asked for.
    """
    found = {}
    for name in names:
        try:
            found[name] = _ffmpeg() if name == FFMPEG else version(name)
        except PackageNotFoundError:
            continue
    return found


def run_versions(names: Iterable[str]) -> dict[str, str]:
    """The same with Python's own version and the project's, for a run's record."""
    return {"python": platform.python_version(), **versions_of(["affectflow", *names])}


@cache
def _distributions() -> dict[str, list[str]]:
    """Top-level name → the distributions that it comes from."""
    # importlib.metadata.packages_distributions, with those that list a compiled part alone and ship
    # a package beside it, as dlib-bin does.
    found: dict[str, list[str]] = {}
    for distribution in distributions():
        listed = (distribution.read_text("top_level.txt") or "").split()
        files = (file.parts[0] for file in distribution.files or () if file.suffix == ".py")
        for name in {Path(name).stem for name in (*listed, *files)}:
            found.setdefault(name, []).append(_normal(distribution.metadata["Name"]))
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _ffmpeg() -> str:
    from affectflow.video.ffmpeg import describe_ffmpeg

    return describe_ffmpeg()
