"""What a video file says of itself, read from ffmpeg's own description (ffprobe is not needed)."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from affectflow.errors import TransientReject
from affectflow.video.ffmpeg import find_ffmpeg, input_arguments
from affectflow.video.machine import machine_words
from affectflow.video.reject import check_exit, check_video, parse_line, refusal, rejected

_STREAM = re.compile(r"^\s+Stream #0:(\d+)\S*: (\w+): (.*)$")
_SIZE = re.compile(r", (\d+)x(\d+)(?=[ ,]|$)")
_RATE = re.compile(r", ([\d.]+)(k?) fps")
_DURATION = re.compile(r"^\s+Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)")
_ROTATION = re.compile(r"rotation of (-?[\d.]+) degrees")
_FORMAT = re.compile(r"^Input #0, (\S+), from ")
_REFERENCES = re.compile(r"\d+ reference frames?")  # said at -loglevel verbose only
_FIELDS = re.compile(r"\b(?:top|bottom) (?:coded )?first\b")
_WITHOUT_TIMES = ("avi", "h264", "hevc", "mpegvideo", "m4v")
_COLOURS = re.compile(r"[(, ](?:([\w-]+)/([\w-]+)/)?(smpte2084|arib-std-b67)\b")
_HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}


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
        format: ffmpeg's name of the container, e.g. ``avi`` or ``mov,mp4,m4a,3gp,3g2,mj2``.
        hdr: ``PQ`` or ``HLG`` where the pictures are of high dynamic range; else "".
        matrix, primaries: ffmpeg's names of those of HDR pictures; "unknown" where not stated.
        interlaced: whether it says that pictures are made of two fields.
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
    format: str = ""
    hdr: str = ""
    matrix: str = "unknown"
    primaries: str = "unknown"
    interlaced: bool = False

    @property
    def keeps_times(self) -> bool:
        """Whether the container says when each picture is shown.

        Where it does not, ffmpeg gives the time at which a picture comes out of the decoder, later
        by as many frames as the decoder holds back.
        """
        return self.format not in _WITHOUT_TIMES


def parse_description(lines: Iterable[str]) -> VideoInfo | None:
    """The ``Input #0`` block that ffmpeg logs, as VideoInfo; None without a video stream."""
    video: tuple[int, str] | None = None
    duration, rotation, has_audio, inside = None, 0, False, False
    container = ""
    for line in lines:
        if line.startswith("Output #0"):
            break
        if found := _FORMAT.match(line):
            container = found[1]
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
    fields = [field for field in fields if not _REFERENCES.fullmatch(field)]
    pix_fmt = fields[1] if len(fields) > 1 and re.fullmatch(r"[a-z]\w+", fields[1]) else ""
    colours = _COLOURS.search(text)
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
        format=container,
        hdr=_HDR[colours[3]] if colours else "",
        matrix=(colours and colours[1]) or "unknown",
        primaries=(colours and colours[2]) or "unknown",
        interlaced=_FIELDS.search(text) is not None,
    )


def probe(path: Path | str, timeout_s: float = 60.0) -> VideoInfo:
    """Describes the first video stream of ``path`` without decoding it.

    Raises:
        RejectedClip: the file is missing, empty, no video of a known container, has no video
            stream, or no frame size; a ``TransientReject`` where another try may go better.
    """
    state = check_video(path)
    argv = [find_ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "level+info"]
    try:
        done = subprocess.run(
            [*argv, *input_arguments(path)], stdin=subprocess.DEVNULL,
            capture_output=True, timeout=timeout_s, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        late = f"{path}: no description within {timeout_s:g} s"
        raise TransientReject("unreadable", late) from None
    check_exit(path, done.returncode)
    lines = [parse_line(line) for line in done.stderr.decode("utf-8", "replace").split("\n")]
    said = [line.text for line in lines if line.level == "info" and not line.context]
    if not any(text.startswith("Input #0") for text in said):
        raise refusal(path, lines, state)
    info = parse_description(said)
    machine = machine_words(line.text for line in lines)
    if info is None:
        raise rejected("no_video", path, "the file has no video stream", machine, state)
    if not (info.width and info.height):
        raise rejected("bad_size", path, "the frame size is 0x0 or not stated", machine, state)
    return info
