"""Where the shape of a video's pixels changes, as the decoder has it of each picture.

Broadcasts and DV tapes go from 4:3 to 16:9 by saying so in the stream, the number of pixels as it
was. ffmpeg takes what it finds first for the whole file, since release 7, and says nothing of the
rest. Its filter ``movie`` decodes by itself and leaves each picture the shape that its decoder
found, whatever the codec; so it is asked, of files in which the shape may change. Pictures are told
by number: both decode alike, and times are not always kept.

Containers that say the shape themselves (MP4, Matroska) say one for all, and players go by that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from affectflow.video.ffmpeg import ffmpeg_version, find_ffmpeg, input_arguments
from affectflow.video.frame import DecodeLimits
from affectflow.video.look import look
from affectflow.video.packets import copied
from affectflow.video.probe import VideoInfo

# Containers in which the stream has the last word: recorders, broadcasts and bare streams.
_STREAM_DECIDES = (
    "mpegts", "mpeg", "mpegvideo", "m4v", "h264", "hevc", "dv", "flv", "avi", "asf",
)  # fmt: skip
# Where all sequence headers say one shape, nothing has to be decoded. ffmpeg prints those of the
# first, by their types (ITU-T H.264, table 7-1; H.265, table 7-1). Those of the second are short up
# to their shape (ISO 11172-2, 2.4.2.3; H.262, 6.2.2.1; ISO 14496-2, 6.2.3).
_PRINTED = {"h264": 7, "hevc": 33}
_SHORT = {
    "mpeg1video": rb"\0\0\x01\xb3.{4}",
    "mpeg2video": rb"\0\0\x01\xb3.{4}",
    "mpeg4": rb"\0\0\x01[\x20-\x2f].{5}",
}
_LONGEST = 16
# The others that say their shape again and again.
_OTHERS = ("dvvideo", "vc1")
# The release from which on ffmpeg's command gives all pictures the first one's shape, and the one
# from which on its filter is known to leave each its own: 7.0.2 has it say 1/1 of all.
_OVERRIDES, _TELLS = (7, 0), (9, 0)
# What ``decode_command`` writes as one expression, a step each.
_MOST_CHANGES = 200
# What ffmpeg may allocate at once: a picture within the limit of size, in the widest of formats.
_LEAST_ALLOC, _PIXEL_BYTES = 1 << 26, 8

_ELEMENT = re.compile(
    r"\d+ +(vui_parameters_present_flag|aspect_ratio_\w+|sar_\w+) +[01]+ = (\d+)$"
)
_PICTURE = re.compile(r"Parsed_showinfo_\d+ @ \S+ \[info\] n: *\d+ pts:.* sar:(\d+)/(\d+) ")

Aspects = Sequence[tuple[int, Fraction]]
"""From which frame on, and how many times as wide as high a pixel is; the first from frame 0."""


def may_change(info: VideoInfo) -> bool:
    """Whether a file is of a kind in which the shape of the pixels changes in mid-stream."""
    return info.format in _STREAM_DECIDES and info.codec in (*_PRINTED, *_SHORT, *_OTHERS)


def pixel_aspects(path: Path | str, info: VideoInfo, limits: DecodeLimits) -> Aspects | None:
    """The shapes of a file's pixels where there are several; none where there is one alone.

    Args:
        path: the file. Its headers are read to its end; where these do not settle it, it is
            decoded, without the colours and the pipe that make decoding dear.
        info: what it says of itself.
        limits: of its pictures' size, and of the seconds without a word after which it is given up.

    Returns:
        None where it may change and cannot be told: this ffmpeg names no picture's shape, or there
        are more changes than can be followed.

    Raises:
        TimeoutError: the file could not be read on.
        TransientReject: the process that read it was killed.
    """
    if not may_change(info):
        return []
    version = _version(find_ffmpeg())
    if version < _OVERRIDES:
        return []
    if not _headers_vary(path, info.codec, limits.stall_s):
        return []
    if version < _TELLS:
        return None
    argv = [
        "-max_alloc", str(max(_LEAST_ALLOC, _PIXEL_BYTES * limits.frame_side**2)),
        # The format is given, for what stdin is called says nothing of it. As stdin, a name needs
        # no escaping twice over, and the filter opens no other file.
        "-filter_complex",
        f"movie=file\\\\:/dev/stdin:f={info.format}:dec_threads=1,showinfo=checksum=0",
    ]  # fmt: skip
    with open(path, "rb") as file, look(path, argv, limits.stall_s, file) as lines:
        found = changes(lines)
    if not found or len(found) > _MOST_CHANGES + 1:
        return None
    return found if len(found) > 1 else []


def changes(lines: Iterable[str]) -> list[tuple[int, Fraction]]:
    """The changes of shape in what ffmpeg's ``showinfo`` prints, the first shape included."""
    found: list[tuple[int, Fraction]] = []
    pictures = (match for line in lines if (match := _PICTURE.search(line)))
    for index, picture in enumerate(pictures):
        width, height = map(int, picture.groups())
        aspect = Fraction(width, height) if width and height else Fraction(1)  # 0 is "unknown"
        if not found or found[-1][1] != aspect:
            found.append((index, aspect))
    return found


def vary(lines: Iterable[str]) -> bool:
    """Whether the headers that ffmpeg's ``trace_headers`` prints say more than one shape."""
    said = defaultdict[str, set[str]](set)
    for line in lines:
        if element := _ELEMENT.search(line):
            said[element[1]].add(element[2])
            if len(said[element[1]]) > 1:
                return True
    return False


@lru_cache(maxsize=4)
def _version(exe: str) -> tuple[int, int]:
    return ffmpeg_version(exe) or (0, 0)


def _headers_vary(path: Path | str, codec: str, stall_s: float) -> bool:
    """Whether a file's sequence headers say several shapes, or may."""
    if codec in _PRINTED:
        headers = f"filter_units=pass_types={_PRINTED[codec]},trace_headers"
        copy = ["-map", "0:V:0", "-c", "copy", "-copyinkf", "-bsf:v", headers]
        with look(path, [*input_arguments(path), *copy], stall_s) as lines:
            return vary(lines)
    if codec not in _SHORT:
        return True
    found: set[bytes] = set()
    with copied(path, "data", stall_s) as (pipe, ended):
        data = b""
        while len(found) < 2 and (part := pipe.read_some()):
            data = data[-_LONGEST:] + part
            found.update(re.findall(_SHORT[codec], data, re.DOTALL))
        if len(found) < 2:
            ended()
    return len(found) != 1
