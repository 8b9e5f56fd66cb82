"""A message is damage where a picture is; what is beside the pictures is only counted."""

from __future__ import annotations

import re
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from affectflow.errors import RejectedClip
from affectflow.video.damage import is_damage, is_remark
from affectflow.video.decode import DecodeReport, stream_frames
from affectflow.video.ffmpeg import find_ffmpeg
from affectflow.video.reject import parse_line

# Lines of ffmpeg 5.1.9 and 9.0.2, recorded from files of which some bytes were changed.
DAMAGE = [
    "[h264 @ 0x1] [error] error while decoding MB 3 5, bytestream -7",
    "[h264 @ 0x1] [error] Frame num gap 5 3",
    "[h264 @ 0x1] [error] no frame!",
    "[error] Error while decoding stream #0:0: Invalid data found when processing input",
    "[vist#0:0/h264 @ 0x1] [dec:h264 @ 0x2] [error] Error submitting packet to decoder: Invalid",
    "[vist#0:0/mpeg4 @ 0x1] [dec:mpeg4 @ 0x2] [warning] corrupt decoded frame",
    "[warning] file:x.mp4: corrupt decoded frame in stream 0",
    "[in#0/mpegts @ 0x1] [warning] corrupt input packet in stream 0",
    "[in#0/mpegts @ 0x1] [warning] Packet corrupt (stream = 0, dts = 158400).",
    "[mpeg2video @ 0x1] [error] ac-tex damaged at 5 10",
    "[mpeg2video @ 0x1] [error] Warning MVs not available",
    "[mpeg4 @ 0x1] [error] slice end not reached but screenspace end (14 left 33FA, score= -1)",
    "[mjpeg @ 0x1] [error] error y=5 x=10",
    "[mjpeg @ 0x1] [error] overread 8",
    "[mjpeg @ 0x1] [error] mjpeg_decode_dc: bad vlc: 0",
    "[mjpeg @ 0x1] [error] dht: invalid len 3",
    "[hevc @ 0x1] [error] The cu_qp_delta -28 is outside the valid range [-26, 25].",
    "[hevc @ 0x1] [error] Could not find ref with POC 46",
    "[msmpeg4 @ 0x1] [error] ignoring overflow at 3 4",
    "[ffv1 @ 0x1] [error] slice CRC mismatch 4A6F1E2B!at 1.200000 seconds",
    "[in#0/matroska,webm @ 0x1] [error] File ended prematurely at pos. 41002 (0xa02a)",
    "[h264 @ 0x1] [error] something that nobody has heard of",
]  # fmt: skip
REMARKS = [
    "[h264 @ 0x1] [error] SEI type 5 size 4208 truncated at 160",
    "[hevc @ 0x1] [error] SEI type 5 size 526 truncated at 22",
    "[mjpeg @ 0x1] [error] unable to decode APP fields: Invalid data found when processing input",
    "[mjpeg @ 0x1] [error] mjpeg: error, decode_app parser read over the end",
    "[mjpeg @ 0x1] [error] mjpeg: invalid TIFF header in EXIF data",
    "[mjpeg @ 0x1] [error] not enough bytes remaining in EXIF buffer. entries: 18761",
    "[mjpeg @ 0x1] [error] app: invalid len 1",
    "[h264 @ 0x1] [error] mmco: unref short failure",
    "[h264 @ 0x1] [error] co located POCs unavailable",
]
NEITHER = [
    "[swscaler @ 0x1] [warning] deprecated pixel format used, make sure you did set range",
    "[in#0/mpegts @ 0x1] [warning] corrupt input packet in stream 1",
    "[in#0/mpegts @ 0x1] [warning] Packet corrupt (stream = 1, dts = 158400).",
    "[h264 @ 0x1] [info] concealing 300 DC, 300 AC, 300 MV errors in P frame",  # marked as corrupt
    "[out#0 @ 0x1] [error] Application provided invalid, non monotonically increasing dts to muxer",
]  # fmt: skip


@pytest.mark.parametrize("line", DAMAGE)
def test_damage(line):
    assert is_damage(parse_line(line), stream=0)
    assert not is_remark(parse_line(line))


@pytest.mark.parametrize("line", REMARKS)
def test_remarks(line):
    assert is_remark(parse_line(line))
    assert not is_damage(parse_line(line), stream=0)


@pytest.mark.parametrize("line", NEITHER)
def test_neither(line):
    assert not is_damage(parse_line(line), stream=0)
    assert not is_remark(parse_line(line))


@pytest.mark.parametrize("line", DAMAGE)
def test_before_decoding_only_what_the_demuxer_marks_or_passes_over_counts(line):
    of_packets = "corrupt" in line.lower()
    assert is_damage(parse_line(line), stream=0, decoding=False) is of_packets


Mangle = Callable[[Path, Path], None]


def over_long_messages(source: Path, target: Path) -> None:
    """Before each slice a message (SEI, ITU-T H.264, 7.3.2.3) that says it is longer than it is."""
    data = source.read_bytes()
    message = b"\0\0\0\1\x06\x05\xff\xff\x10" + b"A" * 20 + b"\x80"
    starts = [
        m.start() for m in re.finditer(rb"\0?\0\0\x01(?=[\x01\x21\x41\x61\x25\x45\x65])", data)
    ]
    assert len(starts) >= 50
    pieces = [data[a:b] for a, b in zip([0, *starts], [*starts, len(data)])]
    target.write_bytes(message.join(pieces))


def in_every_jpeg(segment: bytes) -> Mangle:
    """A segment after the start of each image (ISO 10918-1, B.2.4.6) of a Motion JPEG AVI."""

    def mangle(source: Path, target: Path) -> None:
        jpegs = re.findall(rb"\xff\xd8.*?\xff\xd9", source.read_bytes(), re.DOTALL)
        assert len(jpegs) == 50
        raw = target.with_suffix(".mjpeg")
        raw.write_bytes(b"".join(jpeg[:2] + segment + jpeg[2:] for jpeg in jpegs))
        argv = [find_ffmpeg(), "-v", "quiet", "-f", "mjpeg", "-i", raw, "-c", "copy", target]
        subprocess.run(argv, check=True, timeout=60)

    return mangle


def app(number: int, body: bytes) -> bytes:
    return b"\xff" + bytes([0xE0 + number]) + struct.pack(">H", len(body) + 2) + body


@pytest.mark.parametrize(
    ("ending", "codec", "mangle"),
    [
        ("h264", "libx264", over_long_messages),
        ("avi", "mjpeg", in_every_jpeg(app(1, b"Exif\0\0" + b"XXXX" * 5))),
        ("avi", "mjpeg", in_every_jpeg(app(1, b"Exif\0\0II*\0\xff\xff\xff\xff"))),
        ("avi", "mjpeg", in_every_jpeg(b"\xff\xe5\0\1")),
    ],
)
def test_what_is_wrong_beside_the_pictures_costs_none(tmp_path, render, ending, codec, mangle):
    source = render(
        tmp_path / f"clean.{ending}", "testsrc=s=64x48:r=25:d=2",
        "-c:v", codec, "-pix_fmt", "yuvj420p" if codec == "mjpeg" else "yuv420p",
    )  # fmt: skip
    odd = tmp_path / f"odd.{ending}"
    mangle(source, odd)
    report = DecodeReport()
    pictures = [frame.rgb for frame in stream_frames(odd, report=report)]
    clean = [frame.rgb for frame in stream_frames(source)]
    np.testing.assert_array_equal(pictures, clean)
    assert len(pictures) == 50
    assert (report.errors, report.lost) == (0, 0)
    assert report.remarks >= 49
    assert is_remark(parse_line(f"[x @ 0x1] [error] {report.remark}"))


@pytest.mark.parametrize("codec", ["libx264", "mpeg4", "mpeg2video", "mjpeg"])
def test_concealed_pictures_are_damage(tmp_path, render, codec):
    source = render(
        tmp_path / "clean.mkv", "testsrc2=s=160x120:r=25:d=1", "-c:v", codec, "-g", "5",
        "-pix_fmt", "yuvj420p" if codec == "mjpeg" else "yuv420p", "-bf", "0",
    )  # fmt: skip
    data = bytearray(source.read_bytes())
    # Half-way through the file are coefficients of some picture.
    at = len(data) // 2
    data[at : at + 200] = b"\xff" * 200
    damaged = tmp_path / "damaged.mkv"
    damaged.write_bytes(data)
    report = DecodeReport()
    kept = [f.rgb for f in stream_frames(damaged, on_corrupt="keep", report=report)]
    clean = [frame.rgb for frame in stream_frames(source)]
    assert len(kept) != len(clean) or any((a != b).any() for a, b in zip(kept, clean))
    assert report.errors > 0
    with pytest.raises(RejectedClip, match="corrupt"):
        list(stream_frames(damaged))
