"""What the decoder is asked for: upright RGB frames, each in its own size."""

from __future__ import annotations

import subprocess
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from affectflow.video.aspects import Aspects
from affectflow.video.ffmpeg import input_options, input_url
from affectflow.video.probe import VideoInfo

_INPUT = "affectflow:input"

# Reference white of HDR programmes, and the brightest that is graded for: cd/m2 (ITU-R BT.2408-7,
# Sec. 2.2; BT.2100, table 5, for HLG).
_WHITE, _PEAK = 203, 1000
# Up to this share of the reference white light is left as it is, which is where faces are; what is
# brighter is bent to fit under white.
_KNEE = 0.7


def decode_command(
    exe: str, path: Path | str, frame_side: int, max_side: int, threads: int,
    *, tone_map: VideoInfo | None = None, aspects: Aspects = (),
) -> list[str]:  # fmt: skip
    """The decoder's argument list: raw RGB frames on stdout; times, sizes and errors on stderr.

    Each frame has its own size, which the log says before it comes (``DecoderLog``).

    Args:
        exe: ffmpeg.
        path: the video, or ``STDIN``.
        frame_side: longest side of a coded frame that is not refused, pixels.
        max_side: longest side of what is sent, pixels.
        threads: of the decoder.
        tone_map: the file's description where its HDR pictures are to be brought to BT.709 (see
            ``can_tone_map``).
        aspects: the shapes of its pixels where they change and ffmpeg does not say so.
    """
    import ffmpeg

    options = {**input_options(), "threads": threads, "max_pixels": frame_side * frame_side}
    if aspects:
        # A graph that is built anew, as for a picture of another size, would count frames anew. The
        # filter that scales takes each picture as it comes.
        options["reinit_filter"] = 0
    source = ffmpeg.input(_INPUT, **options)["V:0"]
    # Anamorphic pixels are made square, then the longer side is brought down to max_side; a
    # frame that needs neither keeps its exact size, odd or not. eval=frame: in some streams the
    # shape of the pixels changes and nothing else.
    wide = f"iw*{_aspect(aspects)}"
    shrink = f"min(1,{max_side}/max({wide},ih))"
    frames = source.filter(
        "scale", w=f"max(1,round({wide}*{shrink}))", h=f"max(1,round(ih*{shrink}))", eval="frame"
    )
    for name, options in _tone_mapping(tone_map) if tone_map else ():
        frames = frames.filter(name, **options)
    frames = frames.filter("format", "rgb24")
    # What prints a frame's time, in one piece. showinfo prints a line in several, and in an ffmpeg
    # with threads another thread's error may come between and lose its level. Frames without any
    # metadata would not be printed.
    frames = frames.filter("metadata", mode="add", key="frame", value=1)
    frames = frames.filter("metadata", mode="print")
    # passthrough: without it ffmpeg repeats and drops frames to even out a variable frame rate,
    # and frame i would no longer be row i. noautoscale: it would squeeze pictures of another size
    # into the first one's.
    out = ffmpeg.output(
        frames, "pipe:1", format="rawvideo", vcodec="rawvideo", fps_mode="passthrough",
        noautoscale=None, flush_packets=1, threads=1,
    )  # fmt: skip
    out = out.global_args(
        "-hide_banner", "-nostdin", "-nostats", "-loglevel", "repeat+level+verbose"
    )
    out = out.global_args("-filter_threads", "1", "-filter_complex_threads", "1")
    # ffmpeg-python hashes its arguments as UTF-8, which not every file's name is.
    return [input_url(path) if word == _INPUT else word for word in out.compile(cmd=exe)]


def _aspect(aspects: Aspects) -> str:
    """How many times as wide as high a pixel is, as ffmpeg's expressions have it."""
    if not aspects:
        return "sar"
    steps = [f"{float(aspects[0][1]):.6f}"]
    for (_, before), (index, after) in pairwise(aspects):
        # The filter counts a frame before it looks at it.
        steps.append(f"{float(after - before):+.6f}*gt(n,{index})")
    return f"({''.join(steps)})"


def _tone_mapping(info: VideoInfo) -> list[tuple[str, dict[str, Any]]]:
    """Filters from PQ or HLG to BT.709: light, its colours, its range, and back to code values."""
    # What is not stated is as BT.2100 has it.
    assumed = {"matrixin": "bt2020nc"} if info.matrix == "unknown" else {}
    assumed |= (
        {"primariesin": "bt2020", "primaries": "bt2020"} if info.primaries == "unknown" else {}
    )
    return [
        # Chroma at full resolution: zscale takes no odd sides otherwise.
        ("format", {"pix_fmts": "yuv444p12"}),
        ("zscale", {"transfer": "linear", "npl": _WHITE, **assumed}),
        ("format", {"pix_fmts": "gbrpf32le"}),
        ("zscale", {"primaries": "bt709"}),
        ("tonemap", {"tonemap": "mobius", "param": _KNEE, "peak": _PEAK / _WHITE, "desat": 0}),
        ("zscale", {"transfer": "bt709", "matrix": "gbr", "range": "full"}),
        ("format", {"pix_fmts": "gbrp"}),
    ]


@lru_cache(maxsize=4)
def can_tone_map(exe: str) -> bool:
    """Whether an ffmpeg has the filters that bring HDR pictures to BT.709."""
    try:
        done = subprocess.run(
            [exe, "-hide_banner", "-filters"], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=30, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    names = {line.split()[1] for line in done.stdout.decode().splitlines() if len(line.split()) > 1}
    return {"zscale", "tonemap"} <= names
