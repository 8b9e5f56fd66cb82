"""What a video file says of itself, read from ffmpeg's own description (ffprobe is not needed)."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from affectflow.errors import RejectedClip
from affectflow.video.ffmpeg import find_ffmpeg, input_arguments
from affectflow.video.reject import LogLine, check_file, parse_line, refusal

_STREAM = re.compile(r"^\s+Stream #0:(\d+)\S*: (\w+): (.*)$")
_SIZE = re.compile(r", (\d+)x(\d+)(?=[ ,]|$)")
_RATE = re.compile(r", ([\d.]+)(k?) fps")
_DURATION = re.compile(r"^\s+Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
_ROTATION = re.compile(r"rotation of (-?[\d.]+) degrees")


@dataclass(frozen=True)
class VideoInfo:
    """The first video stream of a file.

    Attributes:
        stream: index of the stream in the file.
        width, height: coded size in pixels, before rotation.
        rotation: degrees counter-clockwise that a player turns the picture, in [0, 360).
        fps: nominal frame rate, or None; the true spacing of frames may vary.
        duration_s: length of the file in seconds, or None where it does not say.
        codec: ffmpeg's name of the codec, e.g. ``h264``.
        pix_fmt: ffmpeg's name of the pixel format, e.g. ``yuv420p10le``; "" where unknown.
        has_audio: whether a sound track is there.
    """

    stream: int
    width: int
    height: int
    rotation: int
    fps: float | None
    duration_s: float | None
    codec: str
    pix_fmt: str
    has_audio: bool


def parse_description(lines: Iterable[str]) -> VideoInfo | None:
    """The ``Input #0`` block that ffmpeg logs, as VideoInfo; None without a video stream."""
    video: tuple[int, str] | None = None
    duration, rotation, has_audio, inside = None, 0, False, False
    for line in lines:
        if line.startswith("Output #0"):
            break
        if found := _DURATION.match(line):
            hours, minutes, seconds = found.groups()
            duration = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
        elif found := _STREAM.match(line):
            kind, text = found[2], found[3]
            has_audio |= kind == "Audio"
            inside = kind == "Video" and video is None and "(attached pic)" not in text
            if inside:
                video = int(found[1]), text
        elif inside and (found := _ROTATION.search(line)):
            rotation = round(float(found[1])) % 360
    if video is None:
        return None
    stream, text = video
    codec = text.split(maxsplit=1)[0].rstrip(",")
    # Parentheses hold commas of their own: "h264 (High) (avc1 / 0x31), yuv420p(tv, bt709), 640x360"
    flat = re.sub(r"\([^()]*\)", "", re.sub(r"\([^()]*\)", "", text))
    fields = [field.strip() for field in flat.split(",")]
    pix_fmt = fields[1] if len(fields) > 1 and re.fullmatch(r"[a-z]\w+", fields[1]) else ""
    size, rate = _SIZE.search(flat), _RATE.search(flat)
    return VideoInfo(
        stream=stream,
        width=int(size[1]) if size else 0,
        height=int(size[2]) if size else 0,
        rotation=rotation,
        fps=float(rate[1]) * (1000 if rate[2] else 1) if rate else None,
        duration_s=duration,
        codec=codec,
        pix_fmt=pix_fmt,
        has_audio=has_audio,
    )


def probe(path: Path | str, timeout_s: float = 60.0) -> VideoInfo:
    """Describes the first video stream of ``path`` without decoding it.

    Raises:
        RejectedClip: the file is missing, empty, no video of a known container, has no video
            stream, or no frame size.
    """
    check_file(path)
    argv = [find_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "level+info"]
    try:
        done = subprocess.run(
            [*argv, *input_arguments(path)], stdin=subprocess.DEVNULL,
            capture_output=True, timeout=timeout_s, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        late = LogLine("", "error", f"no description within {timeout_s:g} s")
        raise refusal(path, [late], transient=True) from None
    lines = [parse_line(line) for line in done.stderr.decode("utf-8", "replace").split("\n")]
    said = [line.text for line in lines if line.level == "info" and not line.context]
    if not any(text.startswith("Input #0") for text in said):
        raise refusal(path, lines)
    info = parse_description(said)
    if info is None:
        raise RejectedClip("no_video", f"{path}: the file has no video stream")
    if not (info.width and info.height):
        raise RejectedClip("bad_size", f"{path}: the frame size is 0x0 or not stated")
    return info
