"""Where the shape of a video's pixels changes, from the sequence headers in its stream.

Broadcasts go from 4:3 to 16:9 by saying so in the stream, the number of pixels as it was. ffmpeg
takes what it finds first for the whole file, since release 7. Containers that say the shape
themselves (MP4, Matroska) say one for all, and players go by that; so only the others are looked
into.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from affectflow.video.ffmpeg import find_ffmpeg, input_arguments
from affectflow.video.pipe import Pipe
from affectflow.video.probe import VideoInfo

# Ticks a second of the formats in which the stream alone says the shape.
_TICKS = {"mpegts": 90_000, "mpeg": 90_000, "mpegvideo": 1_200_000, "h264": 1_200_000,
          "hevc": 1_200_000}  # fmt: skip
# The type of each codec's sequence header (ITU-T H.264, table 7-1; H.265, table 7-1; H.262, 6.2.1).
_HEADERS = {"h264": 7, "hevc": 33, "mpeg2video": 0xB3}
# aspect_ratio_idc (H.264, table E-1) and aspect_ratio_information (H.262, table 6-3).
_PIXELS = (
    (1, 1), (12, 11), (10, 11), (16, 11), (40, 33), (24, 11), (20, 11), (32, 11), (80, 33),
    (18, 11), (15, 11), (64, 33), (160, 99), (4, 3), (3, 2), (2, 1),
)  # fmt: skip
_OWN = 255
_PICTURES = {2: Fraction(4, 3), 3: Fraction(16, 9), 4: Fraction(221, 100)}
_MOST_CHANGES = 200

_PACKET = re.compile(r"Packet: \d+ bytes,.*? (?:pts (-?\d+)|no pts), (?:dts (-?\d+)|no dts)")
_ELEMENT = re.compile(r"\d+ +([a-z]\w+) +[01]+ = (\d+)$")

Aspects = Sequence[tuple[float, Fraction]]
"""From which second on, and how many times as wide as high a pixel is; the first from the start."""


def pixel_aspects(path: Path | str, info: VideoInfo, stall_s: float) -> Aspects:
    """The shapes of a file's pixels where there are several; none where there is one alone.

    Args:
        path: the file, which is read to its end without decoding.
        info: what it says of itself.
        stall_s: seconds without a word after which it is given up.

    Raises:
        TimeoutError: the file could not be read on.
    """
    if info.format not in _TICKS or info.codec not in _HEADERS:
        return []
    headers = f"filter_units=pass_types={_HEADERS[info.codec]},trace_headers"
    process = subprocess.Popen(
        [
            find_ffmpeg(), "-hide_banner", "-nostdin", "-nostats", "-loglevel", "info",
            *input_arguments(path), "-map", "0:V:0", "-c", "copy", "-copyinkf", "-bsf:v", headers,
            "-f", "null", "-",
        ],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        lines = Pipe(process.stderr.fileno(), stall_s).lines()
        return changes(lines, info.codec, _TICKS[info.format])
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def changes(lines: Iterable[str], codec: str, ticks: int) -> Aspects:
    """The changes of shape in what ffmpeg's ``trace_headers`` prints, ``ticks`` a second."""
    found: list[tuple[float, Fraction]] = []
    for second, header in _headers(lines, ticks):
        aspect = _mpeg2(header) if codec == "mpeg2video" else _h26x(header)
        if not found or found[-1][1] != aspect:
            # A little early: no frame is shown between, and rounding cannot move it over.
            found.append((second - 0.005, aspect))
    return found[: _MOST_CHANGES + 1] if len(found) > 1 else []


def _headers(lines: Iterable[str], ticks: int) -> Iterator[tuple[float, dict[str, int]]]:
    """Of each packet with a sequence header its presentation time and what the header says."""
    time, first, header = 0.0, None, dict[str, int]()
    begun = False
    for line in lines:
        if packet := _PACKET.search(line):
            if begun and header:
                yield time, header
            begun, header = True, {}
            pts, dts = packet.groups()
            first = int(dts or 0) if first is None else first
            # Where only the order of decoding is timed, the first picture is at 0.
            time = int(pts if pts is not None else int(dts or 0) - first) / ticks
        elif element := _ELEMENT.search(line):
            header[element[1]] = int(element[2])
    if begun and header:
        yield time, header


def _h26x(header: dict[str, int]) -> Fraction:
    number = header.get("aspect_ratio_idc", 1)
    if number == _OWN and header.get("sar_width") and header.get("sar_height"):
        return Fraction(header["sar_width"], header["sar_height"])
    return Fraction(*_PIXELS[number - 1]) if 1 <= number <= len(_PIXELS) else Fraction(1)


def _mpeg2(header: dict[str, int]) -> Fraction:
    picture = _PICTURES.get(header.get("aspect_ratio_information", 1))
    width, height = header.get("horizontal_size_value"), header.get("vertical_size_value")
    return picture * Fraction(height, width) if picture and width and height else Fraction(1)
