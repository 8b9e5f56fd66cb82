"""Which ffmpeg to run, and the options that make it safe on files from anywhere."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from affectflow.errors import InputError

MIN_VERSION = (5, 1)  # the first release with -fps_mode

# Containers that hold their own frames. Playlists, concat scripts, image patterns and text
# formats are absent on purpose: they make ffmpeg open files that the name does not show.
FORMATS = (
    "mov", "matroska", "avi", "asf", "flv", "mpeg", "mpegts", "mpegvideo", "ogg", "nut", "mxf",
    "m4v", "h264", "hevc", "ivf", "gif", "dv", "rm", "yuv4mpegpipe", "mjpeg",
)  # fmt: skip

STDIN = "-"
"""Instead of a path: the video comes through standard input."""


def ffmpeg_version(exe: str) -> tuple[int, int] | None:
    """The version of the ffmpeg at ``exe`` as (major, minor).

    A development build names no release; it is taken as newer than all of them: (999, 0).
    None where ``exe`` cannot be run or is not ffmpeg.
    """
    try:
        done = subprocess.run(
            [exe, "-hide_banner", "-version"], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=30, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    first = done.stdout.decode("utf-8", "replace").partition("\n")[0]
    if done.returncode or not first.startswith("ffmpeg version "):
        return None
    found = re.match(r"ffmpeg version n?(\d+)\.(\d+)", first)
    return (int(found[1]), int(found[2])) if found else (999, 0)


@lru_cache(maxsize=1)
def find_ffmpeg() -> str:
    """Path of the ffmpeg to use, found once a process.

    In order: the environment variable ``AFFECTFLOW_FFMPEG``; the one that the package
    imageio-ffmpeg ships, which is the one that this project is tried with; ``ffmpeg`` on PATH, 5.1
    or newer.

    Raises:
        InputError: none of them runs, or the variable names one that does not do.
    """
    wanted = os.environ.get("AFFECTFLOW_FFMPEG")
    if wanted:
        version = ffmpeg_version(wanted)
        if version is None or version < MIN_VERSION:
            found = "does not run" if version is None else f"is version {version[0]}.{version[1]}"
            raise InputError(f"AFFECTFLOW_FFMPEG={wanted} {found}; give an ffmpeg 5.1 or newer")
        return wanted
    try:
        import imageio_ffmpeg

        # It falls back on PATH by itself where its package holds no program.
        shipped = imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        shipped = ""
    on_path = shutil.which("ffmpeg") or ""
    for exe in (shipped, on_path):
        if exe and (ffmpeg_version(exe) or (0, 0)) >= MIN_VERSION:
            return exe
    raise InputError(
        f"no ffmpeg 5.1 or newer: imageio-ffmpeg has {shipped or 'none'}, PATH has "
        f"{on_path or 'none'}; install either, or name one in AFFECTFLOW_FFMPEG"
    )


@lru_cache(maxsize=1)
def describe_ffmpeg() -> str:
    """The whole version of the ffmpeg in use, such as ``7.0.2-static+1f0e2d3c``.

    What follows the ``+`` stands for what it was built with: which decoders and filters it has.

    Raises:
        InputError: there is none to use.
    """
    done = subprocess.run(
        [find_ffmpeg(), "-hide_banner", "-version"], stdin=subprocess.DEVNULL, capture_output=True,
        timeout=30, check=False,
    )  # fmt: skip
    told = done.stdout.decode("utf-8", "replace")
    found = re.match(r"ffmpeg version (\S+)", told)
    built = hashlib.sha256(told.encode()).hexdigest()[:8]
    return f"{found[1] if found else 'unknown'}+{built}"


def input_url(path: Path | str) -> str:
    """``path`` as an ffmpeg URL: absolute and marked ``file:``, so that a leading dash, a colon
    or a percent sign in a name means nothing; ``STDIN`` is the pipe."""
    return "pipe:0" if path == STDIN else f"file:{os.path.abspath(path)}"


def input_arguments(path: Path | str) -> list[str]:
    """The words of an ffmpeg command that name an untrusted file as an input."""
    options = [word for name, value in input_options().items() for word in (f"-{name}", value)]
    return [*options, "-i", input_url(path)]


def input_options() -> dict[str, str]:
    """Input options for an untrusted file: no network, no playlist, no second file."""
    return {"protocol_whitelist": "file,pipe", "format_whitelist": ",".join(FORMATS)}
