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
from affectflow.video.ffmpeg import ffmpeg_version, find_ffmpeg
from affectflow.video.reject import parse_line
from tests.containers import ffmpeg

ASKED = pytest.mark.skipif(
    (ffmpeg_version(find_ffmpeg()) or (0, 0)) < (7, 1),
    reason="this ffmpeg cannot take pictures out of what it decodes",
)

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


def zeros_at_the_end(source: Path, target: Path) -> None:
    target.write_bytes(source.read_bytes() + bytes(20_000))


def bits(*codes: int, tail: str = "") -> bytes:
    """Exp-Golomb codes (ITU-T H.264, 9.1), bits, and what fills the last byte (7.3.2.11)."""
    text = "".join(f"{n + 1:b}".zfill(2 * (n + 1).bit_length() - 1) for n in codes) + tail + "1"
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def unused_parameters(source: Path, target: Path) -> None:
    """Before each slice a picture parameter set (H.264, 7.3.2.2) of a number that is too high."""
    data = source.read_bytes()
    starts = [
        m.start() for m in re.finditer(rb"\0?\0\0\x01(?=[\x01\x21\x41\x61\x25\x45\x65])", data)
    ]
    assert len(starts) >= 50
    pieces = [data[a:b] for a, b in zip([0, *starts], [*starts, len(data)])]
    # Numbers go up to 255 (7.4.2.2). What follows: sequence 0, one slice group, no weights.
    target.write_bytes((b"\0\0\0\1\x68" + bits(300, 0, tail="10111100111000")).join(pieces))


def odd_video_parameters(source: Path, target: Path) -> None:
    """A second video parameter set (H.265, 7.3.2.1), with another reserved word than 0xffff."""
    data = source.read_bytes()
    first, after = data.index(b"\0\0\0\1\x40\1"), data.index(b"\0\0\0\1\x42\1")
    odd = data[first:after].replace(b"\xff\xff", b"\xff\xfe", 1)
    target.write_bytes(data[:after] + odd + data[after:])


def odd_picture_parameters(source: Path, target: Path) -> None:
    """A second picture parameter set (H.265, 7.3.2.3) of number 100, where 63 is the highest."""
    data = source.read_bytes()
    at = data.index(b"\0\0\0\1\x44\1")
    odd = b"\0\0\0\1\x44\1" + bits(100, 0, tail="0" * 40)
    target.write_bytes(data[:at] + odd + data[at:])


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
    ("ending", "codec", "mangle", "times"),
    [
        ("h264", "libx264", over_long_messages, 49),
        pytest.param("h264", "libx264", unused_parameters, 50, marks=ASKED),
        pytest.param("hevc", "libx265", odd_video_parameters, 1, marks=ASKED),
        pytest.param("hevc", "libx265", odd_picture_parameters, 1, marks=ASKED),
        ("flv", "flv1", zeros_at_the_end, 1),
        ("flv", "libx264", zeros_at_the_end, 1),
        ("avi", "mjpeg", in_every_jpeg(app(1, b"Exif\0\0" + b"XXXX" * 5)), 49),
        ("avi", "mjpeg", in_every_jpeg(app(1, b"Exif\0\0II*\0\xff\xff\xff\xff")), 49),
        ("avi", "mjpeg", in_every_jpeg(b"\xff\xe5\0\1"), 49),
    ],
)
def test_what_is_wrong_beside_the_pictures_costs_none(
    tmp_path, render, ending, codec, mangle, times
):
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
    assert report.remarks >= times
    assert report.remark


@pytest.mark.parametrize("tags", [1, 2, 20])
def test_pictures_of_which_zeros_are_left_are_damage(tmp_path, render, tags):
    path = render(tmp_path / "f.flv", "testsrc=s=64x48:r=25:d=2", "-c:v", "flv1")
    data = path.read_bytes()
    # A tag of video (FLV 10.1, E.4.1): type 9, 3 bytes of size, 7 of time and stream, body, and
    # its size again, which is how the last tags are found from the end.
    at = len(data)
    for _ in range(tags):
        at -= 4 + int.from_bytes(data[at - 4 : at], "big")
        assert data[at] == 9
    path.write_bytes(data[:at] + bytes(len(data) - at + 20_000))
    with pytest.raises(RejectedClip) as caught:
        list(stream_frames(path))
    assert caught.value.cause == "corrupt"


def test_a_demuxer_that_finds_its_place_again_has_lost_pictures(tmp_path, render):
    path = render(tmp_path / "f.flv", "testsrc=s=64x48:r=25:d=2", "-c:v", "flv1")
    data = bytearray(path.read_bytes())
    half = len(data) // 2
    data[half : half + 3000] = bytes(3000)
    path.write_bytes(data)
    with pytest.raises(RejectedClip) as caught:
        list(stream_frames(path))
    assert caught.value.cause == "corrupt"


@ASKED
@pytest.mark.parametrize(
    ("codec", "unit"),
    [
        # One slice becomes a parameter set (types of ITU-T H.264, table 7-1; H.265, table 7-1): its
        # picture is missing, and what is said of it is said of a parameter set.
        ("h264", rb"\0\0\x01([\x01\x21\x41\x61])"),
        ("hevc", rb"\0\0\x01([\0\2]\x01)"),
    ],
)
@pytest.mark.parametrize("container", ["", "mkv"])
def test_a_slice_that_was_made_into_a_parameter_set_is_damage(
    tmp_path, render, codec, unit, container
):
    encoder = {"h264": "libx264", "hevc": "libx265"}[codec]
    source = render(
        tmp_path / f"clean.{codec}", "testsrc=s=64x48:r=25:d=2",
        "-c:v", encoder, "-pix_fmt", "yuv420p",
    )  # fmt: skip
    data = bytearray(source.read_bytes())
    slices = [m.start(1) for m in re.finditer(unit, data, re.DOTALL)]
    data[slices[20]] = {"h264": 0x68, "hevc": 0x44}[codec]
    source.write_bytes(data)
    if container:
        # As many ticks of 1/25 s as there are packets, for a bare stream has no times.
        path = tmp_path / "damaged.mkv"
        ffmpeg("-i", source, "-c", "copy", "-bsf:v", "setts=ts=N", path)
        source = path
    with pytest.raises(RejectedClip) as caught:
        list(stream_frames(source))
    assert caught.value.cause == "corrupt"


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
