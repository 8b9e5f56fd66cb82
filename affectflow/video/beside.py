"""Errors that are about no picture, found by another look at the file.

ffmpeg does not mark what an error is about, and its words for what stands beside pictures, such as
messages and parameter sets that no picture uses, cannot all be known. So the pictures' own data is
taken out of the first packet and the rest is decoded again: what is said then as well is about no
picture, there and wherever an encoder repeats it. What is said later alone is not spared, for
damage can make anything of the rest of a picture.

Whether it costs a picture all the same is seen from the pictures. A slice that lacks its parameter
sets says so in a line of its own, and a packet without a picture is counted.

Where FLV's demuxer loses its place nobody knows what it passed over, unless that comes after the
last packet of a file whose pictures go on for as long as it says.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from affectflow.video.ffmpeg import find_ffmpeg, input_arguments
from affectflow.video.look import look
from affectflow.video.probe import VideoInfo
from affectflow.video.reject import parse_line

# Types of units that hold pictures (ITU-T H.264, table 7-1; H.265, table 7-1).
_PICTURES = {"h264": "1-5", "hevc": "0-31"}
# Said for want of pictures.
_WITHOUT_PICTURES = {"no frame!"}

_DEMUXED = re.compile(r"demuxer -> .*type:video pkt_pts:\S+ pkt_pts_time:([\d.]+)")
# The last picture's own share of the length, less what rounding takes: the picture is not missing.
_LAST = 0.9


def said_after_all(path: Path | str, info: VideoInfo, stall_s: float) -> frozenset[str]:
    """The errors that an FLV's demuxer says after the last packet of a whole file; none of others.

    Args:
        path: the file, which is read to its end, without decoding.
        info: what it says of itself.
        stall_s: seconds without a word after which it is given up.

    Raises:
        TimeoutError: the file could not be read on.
    """
    if info.format != "flv" or not info.duration_s or not info.fps:
        return frozenset()
    said, end = set[str](), 0.0
    # While the format is guessed packets are read ahead, and errors come before them.
    argv = ["-debug_ts", "-probesize", "32", "-f", "flv", *input_arguments(path)]
    with look(path, [*argv, "-map", "0:V:0", "-c", "copy"], stall_s) as lines:
        for line in map(parse_line, lines):
            if packet := _DEMUXED.search(line.text):
                said.clear()
                end = max(end, float(packet[1]) + 1 / info.fps)
            elif line.is_error:
                said.add(line.text)
    return frozenset(said if end > info.duration_s - _LAST / info.fps else ())


def said_beside(path: Path | str, info: VideoInfo, stall_s: float) -> frozenset[str]:
    """The errors that are said of what is beside a file's pictures.

    None where that cannot be found out: of other codecs, and by an ffmpeg before 7.1, which filters
    no input.

    Args:
        path: the file, whose first packet is read.
        info: what it says of itself.
        stall_s: seconds after which it is given up.

    Raises:
        TimeoutExpired: of ``subprocess``: it took longer.
    """
    if info.codec not in _PICTURES:
        return frozenset()
    ffmpeg = [find_ffmpeg(), "-hide_banner", "-nostdin", "-nostats"]
    # On its own, for what reads the rest of the file would complain of that. Not all have times.
    first = [
        "-loglevel", "quiet", *input_arguments(path), "-map", "0:V:0", "-c", "copy",
        "-frames:v", "1", "-bsf:v", "setts=ts=0", "-f", "nut", "pipe:1",
    ]  # fmt: skip
    packet = subprocess.run(
        [*ffmpeg, *first], stdin=subprocess.DEVNULL, capture_output=True, timeout=stall_s
    ).stdout
    units = f"filter_units=remove_types={_PICTURES[info.codec]}"
    rest = ["-loglevel", "level+error", "-bsf:v", units, "-f", "nut", "-i", "pipe:0"]
    told = subprocess.run(
        [*ffmpeg, *rest, "-f", "null", "-"], input=packet, capture_output=True, timeout=stall_s
    ).stderr
    lines = map(parse_line, told.decode("utf-8", "replace").splitlines())
    said = {line.text for line in lines if line.context.startswith(f"[{info.codec} @ ")}
    return frozenset(said - _WITHOUT_PICTURES)
