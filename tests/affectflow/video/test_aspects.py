"""A picture whose pixels change their shape in mid-stream is undistorted before and after."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from itertools import groupby

import numpy as np
import pytest

from affectflow.video import aspects
from affectflow.video.aspects import changes, vary
from affectflow.video.command import decode_command
from affectflow.video.decode import DecodeReport, stream_frames
from affectflow.video.ffmpeg import ffmpeg_version, find_ffmpeg
from tests.containers import ffmpeg

H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "2")
MPEG4 = ("-c:v", "mpeg4", "-q:v", "2", "-bf", "2", "-f", "m4v")
MPEG2 = ("-c:v", "mpeg2video", "-q:v", "2", "-bf", "2")
CODECS = {
    "m2v": MPEG2,
    "m1v": ("-c:v", "mpeg1video", "-q:v", "2", "-bf", "2"),
    "m4v": MPEG4,
    "h264": H264,
    "hevc": ("-c:v", "libx265", "-pix_fmt", "yuv420p", "-x265-params", "log-level=error"),
    "dv": ("-c:v", "dvvideo", "-pix_fmt", "yuv420p"),
}


VERSION = ffmpeg_version(find_ffmpeg()) or (0, 0)


def rendered(render, folder, ending: str, shape: str, name: str):
    # DV has two sizes alone.
    size = "720x576" if ending == "dv" else "64x48"
    source = f"testsrc2=s={size}:r=25:d=0.4,setdar={shape}"
    return render(folder / f"{name}.{ending}", source, *CODECS[ending])


def joined(render, folder, ending: str):
    """Ten pictures of 4:3, ten of 16:9, ten of 4:3."""
    narrow, wide = (
        rendered(render, folder, ending, shape, name)
        for shape, name in (("4/3", "narrow"), ("16/9", "wide"))
    )
    path = folder / f"both.{ending}"
    path.write_bytes(b"".join(part.read_bytes() for part in (narrow, wide, narrow)))
    return path


# What 64 pixels of 1/1 and 4/3 are wide; MPEG-1's nearest to 4/3 is 1/0.7615 (ISO 11172-2,
# 2.4.3.2). DV of 625 lines has 720 of 16/15 and of 64/45, as ffmpeg and players take it.
WIDTHS = {"m1v": (64, 84), "dv": (768, 1024)}


@pytest.mark.parametrize(
    ("ending", "container"),
    [
        *((ending, "") for ending in CODECS),
        ("dv", "avi"), ("m4v", "avi"), ("h264", "avi"), ("h264", "flv"), ("m1v", "mpg"),
        ("m2v", "mpg"), ("m2v", "ts"), ("m4v", "ts"), ("h264", "ts"), ("hevc", "ts"),
    ],
)  # fmt: skip
def test_a_shape_goes_from_4_3_to_16_9_and_back(tmp_path, render, ending, container):
    path = joined(render, tmp_path, ending)
    if container:
        path = contained(path, tmp_path / f"both.{container}")
    report = DecodeReport()
    frames = list(stream_frames(path, on_corrupt="keep", report=report))
    narrow, wide = WIDTHS.get(ending, (64, 85))
    widths = [frame.rgb.shape[1] for frame in frames]
    if (7, 0) <= VERSION < (9, 0):
        assert (set(widths), report.fixed_aspect) == ({narrow}, True)
        return
    if VERSION >= (9, 0):
        assert widths == [narrow] * 10 + [wide] * 10 + [narrow] * 10
    # ffmpeg 5.1 drops a picture of MPEG-2 where the sequence changes.
    assert [width for width, _ in groupby(widths)] == [narrow, wide, narrow]
    assert 28 <= len(widths) <= 30
    assert len({frame.size for frame in frames}) == 1
    assert not report.fixed_aspect


def contained(source, target):
    """A bare stream in a container, with times of its own where that asks for them."""
    if source.suffix not in (".h264", ".hevc"):
        ffmpeg("-fflags", "+genpts", "-i", source, "-c", "copy", target)
        return target
    parts = []
    for name in ("narrow", "wide"):
        parts.append(target.with_name(f"{name}.mp4"))
        ffmpeg("-i", source.with_name(name + source.suffix), "-c", "copy", parts[-1])
    listed = target.with_suffix(".txt")
    listed.write_text("".join(f"file {part.name}\n" for part in (*parts, parts[0])))
    ffmpeg("-f", "concat", "-i", listed, "-c", "copy", target)
    return target


@pytest.mark.skipif((7, 0) <= VERSION < (9, 0), reason="this ffmpeg names no picture's shape")
def test_size_and_shape_change_together(tmp_path, render):
    # A graph that counted its frames anew where the size changes would shift what follows.
    parts = []
    for n, (size, shape) in enumerate((("64x48", "4/3"), ("48x64", "16/9"), ("64x48", "16/9"))):
        source = f"testsrc2=s={size}:r=25:d=0.4,setdar={shape}"
        parts.append(render(tmp_path / f"{n}.h264", source, *H264).read_bytes())
    path = tmp_path / "all.h264"
    path.write_bytes(b"".join(parts))
    frames = list(stream_frames(path))
    # 64 x 16/9 is 113.8, 48 x 16/9 is 85.3.
    assert [f.rgb.shape[:2] for f in frames] == [(48, 64)] * 10 + [(64, 114)] * 10 + [(48, 85)] * 10


PIPED = """
from affectflow.video.decode import DecodeReport, stream_frames
report = DecodeReport()
shapes = {frame.rgb.shape for frame in stream_frames("-", report=report)}
print(shapes, report.fixed_aspect)
"""


def test_through_a_pipe_it_is_said_that_a_change_is_not_seen(tmp_path, render):
    path = joined(render, tmp_path, "m1v")
    whole = render(tmp_path / "whole.mkv", "testsrc2=s=64x48:r=25:d=0.4", *H264)
    for source, said in ((path, True), (whole, False)):
        with source.open("rb") as file:
            argv = [sys.executable, "-c", PIPED]
            told = subprocess.run(argv, stdin=file, capture_output=True, text=True, timeout=60)
        assert told.stdout == f"{{(48, 64, 3)}} {said}\n", told.stderr


@pytest.mark.skipif(VERSION < (7, 0), reason="this ffmpeg follows by itself")
def test_what_cannot_be_told_is_said(tmp_path, render, monkeypatch):
    path = joined(render, tmp_path, "m1v")
    # As an ffmpeg without the filter, or one that words it otherwise, would be.
    monkeypatch.setattr(aspects, "changes", lambda lines: [])
    report = DecodeReport()
    assert len(list(stream_frames(path, on_corrupt="keep", report=report))) >= 28
    assert report.fixed_aspect


def test_one_shape_is_left_to_ffmpeg(tmp_path, render):
    alone = render(tmp_path / "wide.ts", "testsrc2=s=64x48:r=25:d=0.4,setdar=16/9", *MPEG2)
    assert {frame.rgb.shape for frame in stream_frames(alone)} == {(48, 85, 3)}
    np.testing.assert_array_equal(
        [f.rgb for f in stream_frames(alone)],
        [f.rgb for f in stream_frames(rendered(render, tmp_path, "m2v", "16/9", "same"))],
    )


# Recorded from ffmpeg 5.1.9 and 9.0.2.
TRACE = """\
[trace_headers @ 0x1] [info] Extradata
[trace_headers @ 0x1] [info] 64          aspect_ratio_idc            00000001 = 1
[trace_headers @ 0x1] [info] Packet: 28 bytes, key frame, pts 90000, dts 86400, duration 3600.
[trace_headers @ 0x1] [info] 24          pic_width_in_mbs_minus1            00100 = 3
[trace_headers @ 0x1] [info] 64          aspect_ratio_idc            00000001 = 1
[trace_headers @ 0x1] [info] 24          pic_width_in_mbs_minus1            00110 = 5
[trace_headers @ 0x1] [info] 64          aspect_ratio_idc            00001110 = 14
"""


def test_headers_vary_where_one_says_another_shape():
    lines = TRACE.splitlines()
    assert vary(lines)
    assert not vary(lines[:-1])
    absent = "[trace_headers @ 0x1] [info] 63    vui_parameters_present_flag       {0} = {0}"
    assert vary([absent.format(0), absent.format(1)])


def test_what_ffmpeg_prints_of_pictures():
    line = (
        "[Parsed_showinfo_1 @ 0x7f] [info] n:{n:4} pts:  {n} pts_time:0 duration: 1 "
        "fmt:yuv420p cl:left sar:{sar} s:64x48 i:P iskey:1 type:I \n"
    )
    shapes = ["0/1", "1/1", "4/3", "4/3", "8/6", "1/1"]
    lines = [line.format(n=n, sar=shape) for n, shape in enumerate(shapes)]
    lines.insert(2, "[Parsed_showinfo_1 @ 0x7f] [info]   side data - sar:9/9 ")
    # 0/1 is not said, which is taken for square.
    assert changes(lines) == [(0, 1), (2, Fraction(4, 3)), (5, 1)]


def test_shapes_of_pixels_are_a_sum_of_steps():
    asked = [(0, Fraction(1)), (20, Fraction(4, 3)), (55, Fraction(1, 2))]
    command = " ".join(decode_command("ffmpeg", "x.ts", 100, 50, 1, aspects=asked))
    assert "sar" not in command.replace("noautoscale", "")
    assert "(1.000000+0.333333*gt(n,20)-0.833333*gt(n,55))" in command.replace("\\", "")
