"""A picture whose pixels change their shape in mid-stream is undistorted before and after."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from affectflow.video.aspects import changes
from affectflow.video.command import decode_command
from affectflow.video.decode import DecodeReport, stream_frames

CODECS = {
    "m2v": ("-c:v", "mpeg2video", "-q:v", "2"),
    "h264": ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-bf", "0"),
    "hevc": ("-c:v", "libx265", "-pix_fmt", "yuv420p", "-x265-params", "log-level=error"),
}


def rendered(render, folder, ending: str, shape: str, name: str):
    source = f"testsrc2=s=64x48:r=25:d=0.4,setdar={shape}"
    return render(folder / f"{name}.{ending}", source, *CODECS[ending])


@pytest.mark.parametrize("ending", CODECS)
def test_a_broadcast_that_goes_from_4_3_to_16_9_and_back(tmp_path, render, ending):
    narrow = rendered(render, tmp_path, ending, "4/3", "narrow")
    wide = rendered(render, tmp_path, ending, "16/9", "wide")
    path = tmp_path / f"both.{ending}"
    raw = [part.read_bytes() for part in (narrow, wide, narrow)]
    path.write_bytes(b"".join(raw))
    report = DecodeReport()
    frames = list(stream_frames(path, on_corrupt="keep", report=report))
    # ffmpeg 5.1 drops a picture of MPEG-2 where the sequence changes; others give all thirty.
    assert 28 <= len(frames) <= 30
    shapes = [frame.rgb.shape[:2] for frame in frames]
    # 64 pixels of 4/3 each are 85.3 wide.
    assert set(shapes) == {(48, 64), (48, 85)}
    assert shapes == sorted(shapes[:15]) + sorted(shapes[15:], reverse=True)
    assert shapes.count((48, 85)) >= 9
    assert {frame.size for frame in frames} == {(64, 48)}


def test_one_shape_is_left_to_ffmpeg(tmp_path, render):
    alone = render(tmp_path / "wide.ts", "testsrc2=s=64x48:r=25:d=0.4,setdar=16/9", *CODECS["m2v"])
    assert {frame.rgb.shape for frame in stream_frames(alone)} == {(48, 85, 3)}
    np.testing.assert_array_equal(
        [f.rgb for f in stream_frames(alone)],
        [f.rgb for f in stream_frames(rendered(render, tmp_path, "m2v", "16/9", "same"))],
    )


# Recorded from ffmpeg 5.1.9 and 9.0.2.
TRACE = """\
[trace_headers @ 0x1] Extradata
[trace_headers @ 0x1] 64          aspect_ratio_idc                                     00000010 = 2
[trace_headers @ 0x1] Packet: 28 bytes, key frame, pts 90000, dts 86400, duration 3600.
[trace_headers @ 0x1] 63          aspect_ratio_info_present_flag                              1 = 1
[trace_headers @ 0x1] 64          aspect_ratio_idc                                     00000001 = 1
[trace_headers @ 0x1] Packet: 28 bytes, key frame, pts 180000, dts 176400, duration 3600.
[trace_headers @ 0x1] 64          aspect_ratio_idc                                     00001110 = 14
[trace_headers @ 0x1] Packet: 28 bytes, key frame, pts 270000, dts 266400, duration 3600.
[trace_headers @ 0x1] 64          aspect_ratio_idc                                     00001110 = 14
[trace_headers @ 0x1] Packet: 32 bytes, key frame, pts 360000, dts 356400, duration 3600.
[trace_headers @ 0x1] 64          aspect_ratio_idc                                    11111111 = 255
[trace_headers @ 0x1] 72          sar_width                                    0000000001000000 = 64
[trace_headers @ 0x1] 88          sar_height                                   0000000000101101 = 45
[trace_headers @ 0x1] Packet: 26 bytes, key frame, pts 450000, dts 446400, duration 3600.
[trace_headers @ 0x1] 63          aspect_ratio_info_present_flag                              0 = 0
"""


def test_what_ffmpeg_prints_of_headers():
    found = changes(TRACE.splitlines(), "h264", 90_000)
    assert [aspect for _, aspect in found] == [1, Fraction(4, 3), Fraction(64, 45), 1]
    assert [second for second, _ in found] == pytest.approx([1, 2, 4, 5], abs=0.01)
    assert all(second < whole for (second, _), whole in zip(found, (1, 2, 4, 5)))
    assert changes(TRACE.splitlines()[:5], "h264", 90_000) == []


def test_where_only_decoding_is_timed_the_first_picture_is_at_zero():
    lines = [
        "Packet: 45 bytes, key frame, no pts, dts -96000, duration 48000.",
        "2           aspect_ratio_information                                 0010 = 2",
        "8           horizontal_size_value                            000001000000 = 64",
        "20          vertical_size_value                              000000110000 = 48",
        "Packet: 45 bytes, key frame, no pts, dts 384000, duration 48000.",
        "2           aspect_ratio_information                                 0011 = 3",
        "8           horizontal_size_value                            000001000000 = 64",
        "20          vertical_size_value                              000000110000 = 48",
    ]
    assert changes(lines, "mpeg2video", 1_200_000) == [
        (pytest.approx(0, abs=0.01), 1),
        (pytest.approx(0.4, abs=0.01), Fraction(4, 3)),
    ]


def test_shapes_of_pixels_are_a_sum_of_steps():
    asked = [(0.0, Fraction(1)), (2.0, Fraction(4, 3)), (5.5, Fraction(1, 2))]
    command = " ".join(decode_command("ffmpeg", "x.ts", 100, 50, 1, aspects=asked))
    assert "sar" not in command.replace("noautoscale", "")
    assert "(1.000000+0.333333*gte(t" in command.replace("\\", "")
    assert "-0.833333*gte(t" in command.replace("\\", "")
