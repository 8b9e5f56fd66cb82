"""Pictures that are missing are noticed, and packets that never show one are no loss."""

from __future__ import annotations

import math
import re
from collections.abc import Generator

import numpy as np
import pytest

from affectflow.errors import RejectedClip, TransientReject
from affectflow.video import packets
from affectflow.video.decode import DecodeReport, stream_frames
from affectflow.video.ffmpeg import ffmpeg_version, find_ffmpeg
from affectflow.video.packets import Packet, begins_late, lost_pictures, parse_packets
from affectflow.video.probe import VideoInfo
from tests.containers import avi_with, ffmpeg

MOVING = "testsrc2=s=96x64:r=25:d=4"
X264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "25")


def decoded(path) -> tuple[int, int]:
    """How many pictures come out, and how many packets the file has."""
    report = DecodeReport()
    frames = sum(1 for _ in stream_frames(path, report=report))
    assert (report.errors, report.lost) == (0, 0)
    return frames, sum(1 for _ in packets.read_packets(path, 10))


@pytest.fixture(scope="module")
def open_group(tmp_path_factory, render):
    """H.264 whose groups of pictures are open: frames between them refer to both."""
    return render(
        tmp_path_factory.mktemp("open") / "open.mkv", MOVING, *X264,
        "-x264-params", "open-gop=1:bframes=3:scenecut=0",
    )  # fmt: skip


@pytest.mark.parametrize("ending", ["mkv", "mp4"])
def test_a_cut_at_an_open_group(tmp_path, open_group, ending):
    path = tmp_path / f"cut.{ending}"
    ffmpeg("-ss", "1.4", "-i", open_group, "-c", "copy", path)
    frames, count = decoded(path)
    # What leads the first key frame refers to frames before the cut; MP4 leaves more out.
    assert 60 <= frames < count


def test_a_cut_at_an_open_group_of_hevc_and_mpeg2(tmp_path, render):
    hevc = render(
        tmp_path / "open.mkv", MOVING, "-c:v", "libx265", "-pix_fmt", "yuv420p",
        "-x265-params", "log-level=error:keyint=25:open-gop=1:bframes=3:scenecut=0",
    )  # fmt: skip
    mpeg2 = render(tmp_path / "open.ts", MOVING, "-c:v", "mpeg2video", "-g", "12", "-bf", "2")
    for source, ending in ((hevc, "mkv"), (hevc, "mp4"), (mpeg2, "ts"), (mpeg2, "mkv")):
        path = tmp_path / f"cut.{ending}"
        ffmpeg("-ss", "1.4", "-i", source, "-c", "copy", path)
        frames, count = decoded(path)
        assert 40 <= frames < count, path


X265 = ("-c:v", "libx265", "-pix_fmt", "yuv420p", "-x265-params", "log-level=error:keyint=25")


@pytest.mark.parametrize(
    "codec",
    [
        X264,
        (*X264, "-x264-params", "open-gop=1:bframes=3:ref=5:scenecut=0"),
        (*X264, "-x264-params", "intra-refresh=1"),
        X265,
        ("-c:v", "mpeg2video", "-g", "12", "-bf", "2"),
    ],
)
def test_a_broadcast_that_is_recorded_from_the_middle_of_a_group(tmp_path, render, codec):
    if codec is X265 and (ffmpeg_version(find_ffmpeg()) or (0, 0)) < (9, 0):
        pytest.skip("this ffmpeg may show pictures of the group, which are damaged")
    whole = render(tmp_path / "whole.ts", MOVING, *codec)
    data = whole.read_bytes()
    pictures = [frame.rgb for frame in stream_frames(whole)]
    for share in (6, 4, 3):
        path = tmp_path / "middle.ts"
        path.write_bytes(data[len(data) // 188 // share * 188 :])
        frames, count = decoded(path)
        assert 25 <= frames <= count
        shown = [frame.rgb for frame in stream_frames(path)]
        np.testing.assert_array_equal(shown, pictures[-frames:])


@pytest.mark.parametrize("codec", [X264, ("-c:v", "mpeg4", "-g", "25", "-bf", "2")])
def test_an_edit_list(tmp_path, render, codec):
    whole = render(tmp_path / "whole.mp4", MOVING, *codec)
    path = tmp_path / "edited.mp4"
    # 1.5 s is half-way through a group: what comes before it in the group is decoded, not shown.
    ffmpeg("-ss", "1.5", "-i", whole, "-c", "copy", path)
    frames, count = decoded(path)
    assert frames == 62
    assert count >= 75


def test_hidden_frames_of_vp8_and_vp9(tmp_path, render):
    busy = "mandelbrot=s=96x64:r=25"
    options = ["-t", "4", "-b:v", "200k", "-g", "100", "-auto-alt-ref", "1"]
    options += ["-lag-in-frames", "25", "-passlogfile", str(tmp_path / "pass")]
    for n in ("1", "2"):
        vp8 = render(tmp_path / "vp8.webm", busy, "-c:v", "libvpx", *options, "-pass", n)
    frames, count = decoded(vp8)
    assert frames == 100
    assert count > 100
    vp9 = render(tmp_path / "vp9.webm", busy, "-c:v", "libvpx-vp9", "-cpu-used", "8", *options)
    assert decoded(vp9)[0] == 100


def test_placeholders_and_empty_chunks_of_avi(tmp_path, render):
    plain = render(tmp_path / "plain.avi", MOVING, "-c:v", "mpeg4", "-q:v", "4")
    # A picture that is not coded (ISO 14496-2, 6.2.5): start code, P, no second over, marker, 5
    # bits of time at 25 ticks a second, marker, vop_coded 0, stuffing.
    not_coded = b"\0\0\1\xb6" + bytes([0b01_0_1_0000, 0b1_1_0_01111])
    assert decoded(avi_with(tmp_path / "holes.avi", plain, not_coded)) == (100, 109)
    assert decoded(avi_with(tmp_path / "empty.avi", plain, b"")) == (100, 100)


@pytest.mark.parametrize(
    ("ending", "codec"),
    [
        ("avi", ("-c:v", "libxvid", "-bf", "2")),
        ("avi", X264),
        ("ts", (*X264, "-flags", "+ilme+ildct", "-x264-params", "tff=1")),
        ("mpg", ("-c:v", "mpeg2video", "-bf", "2", "-flags", "+ilme+ildct")),
        ("mp4", (*X264, "-movflags", "+frag_keyframe+empty_moov")),
        ("rm", ("-c:v", "rv20")),
        ("asf", ("-c:v", "wmv2")),
        ("gif", ()),
        ("mkv", ("-c:v", "libaom-av1", "-cpu-used", "8", "-frames:v", "30")),
        ("mp4", (*X264, "-frames:v", "1")),
    ],
)
def test_other_intact_files(tmp_path, render, ending, codec):
    frames, count = decoded(render(tmp_path / f"intact.{ending}", MOVING, *codec))
    assert 0 < frames <= count


def test_pictures_that_are_missing_without_a_word_are_noticed(tmp_path, render):
    # Three pictures that no other refers to (NAL unit type 0, ITU-T H.265, table 7-1) become units
    # of a reserved type, which decoders have to pass over in silence.
    whole = render(
        tmp_path / "whole.mkv", MOVING, "-c:v", "libx265", "-pix_fmt", "yuv420p",
        "-x265-params", "log-level=error:keyint=25:bframes=3:b-adapt=0",
    )  # fmt: skip
    raw = tmp_path / "whole.hevc"
    ffmpeg("-i", whole, "-c", "copy", raw)
    units = re.findall(rb"\0\0\x01\x00\x01(.{24})", raw.read_bytes(), re.DOTALL)
    data = bytearray(whole.read_bytes())
    for unit in units[10:40:10]:
        data[data.index(unit) - 2] = 10 << 1
    path = tmp_path / "damaged.mkv"
    path.write_bytes(data)
    report = DecodeReport()
    assert decoded(whole) == (100, 100)
    frames = sum(1 for _ in stream_frames(path, on_corrupt="keep", report=report))
    assert (frames, report.lost) == (97, 3)
    assert "3 of 100 pictures are missing" in report.words
    with pytest.raises(RejectedClip, match="pictures are missing") as caught:
        list(stream_frames(path))
    assert caught.value.cause == "corrupt"


@pytest.mark.parametrize(
    ("keys", "first_s", "late"),
    [
        ([3], 3.0, True),
        ([3], 5.0, True),  # those right after the key frame may refer to what was cut off
        ([3], 1.0, False),  # the group is shown, without what its pictures refer to
        ([0, 3], 3.0, False),
        ([], math.nan, True),
    ],
)
def test_a_file_begins_late_where_none_of_its_first_group_is_shown(
    monkeypatch, keys, first_s, late
):
    def seen(*_: object) -> Generator[Packet, None, None]:
        yield from (Packet(float(n), 100, n in keys, False) for n in range(9))

    monkeypatch.setattr(packets, "read_packets", seen)
    assert begins_late("x", first_s, 1.0) is late


def test_what_ffmpeg_prints_of_packets():
    lines = [
        "#software: Lavf59", "#tb 0: 1/25", "#media_type 0: video",
        "0, -1, 0, 1, 3205, 0x8ff3b071",
        "0, 0, -9223372036854775808, 1, 12, 0xc9685741, F=0x0",
        "0, 1, 2, 1, 459, 0x7091df32, F=0x5, S=1, 1, 40",
    ]  # fmt: skip
    assert list(parse_packets(iter(lines))) == [
        Packet(0.0, 3205, True, False),
        Packet(None, 12, False, False),
        Packet(0.08, 459, True, True),
    ]


@pytest.mark.parametrize(
    ("codec", "container", "interlaced", "lost"),
    [
        ("h264", "matroska,webm", False, 1), ("h264", "mpegts", True, None),
        ("vp8", "ivf", False, None), ("h264", "avi", False, None),
    ],
)  # fmt: skip
def test_what_is_judged(monkeypatch, codec, container, interlaced, lost):
    seen = [Packet(n / 25, 100, n == 0, False) for n in range(10)]
    monkeypatch.setattr(packets, "read_packets", lambda *_: iter(seen))
    info = VideoInfo(
        0, 64, 48, 0, 25.0, 1.0, codec, "yuv420p", False, container, interlaced=interlaced
    )
    assert lost_pictures("x", info, 9, 0.0, 1.0) == lost


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("kill -9 $$", "ended from outside"),
        ("echo 'Error during demuxing: Input/output error' >&2", "Input/output error"),
    ],
)
def test_packets_of_a_process_that_broke_off_are_not_all(tmp_path, moving, monkeypatch, end, words):
    killed = tmp_path / "killed"
    killed.write_text(f"#!/bin/sh\necho '0, 0, 0, 1, 99, 0x0'\n{end}\n")
    killed.chmod(0o755)
    monkeypatch.setattr(packets, "find_ffmpeg", lambda: str(killed))
    with pytest.raises(TransientReject, match=words):
        list(packets.read_packets(moving, 10))
