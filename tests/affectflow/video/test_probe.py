from __future__ import annotations

import pytest

from affectflow.errors import RejectedClip
from affectflow.video.probe import parse_description, probe


def test_plain_video(moving):
    info = probe(moving)
    assert (info.width, info.height, info.codec, info.pix_fmt) == (160, 120, "h264", "yuv420p")
    assert info.fps == 25
    assert info.duration_s == pytest.approx(2.0, abs=0.05)
    assert (info.rotation, info.has_audio) == (0, False)


def test_ten_bit_with_sound_and_no_round_rate(tmp_path, render):
    path = render(
        tmp_path / "ten.mkv", "testsrc=s=97x55:r=24000/1001:d=0.5",
        "-f", "lavfi", "-i", "sine=d=0.5", "-c:v", "ffv1", "-pix_fmt", "yuv420p10le",
    )  # fmt: skip
    info = probe(path)
    assert (info.width, info.height, info.pix_fmt) == (97, 55, "yuv420p10le")
    assert info.fps == pytest.approx(23.98, abs=0.01)
    assert info.has_audio


def test_description_of_a_phone_video():
    # As ffmpeg 5.1 logs it: audio first, hexadecimal tags, rotation as side data, a cover picture.
    lines = [
        "Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:x.mov':",
        "  Duration: 01:02:03.50, start: 0.000000, bitrate: 1 kb/s",
        "  Stream #0:0(und): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, stereo, fltp",
        "  Stream #0:1: Video: mjpeg (Baseline), yuvj420p(pc), 600x600, 90k tbr (attached pic)",
        "  Stream #0:2[0x3](und): Video: hevc (Main 10) (hvc1 / 0x31637668), yuv420p10le(tv, "
        "bt2020nc/bt2020/arib-std-b67), 1920x1080 [SAR 1:1 DAR 16:9], 90 kb/s, 1k fps, 30 tbr",
        "    Side data:",
        "      displaymatrix: rotation of -90.00 degrees",
    ]
    info = parse_description(lines)
    assert info is not None
    assert (info.stream, info.width, info.height, info.rotation) == (2, 1920, 1080, 270)
    assert (info.fps, info.duration_s) == (1000.0, 3723.5)
    assert (info.codec, info.pix_fmt, info.has_audio) == ("hevc", "yuv420p10le", True)


def test_rejects_what_is_no_video(tmp_path, render):
    sound = render(tmp_path / "sound.m4a", "sine=d=0.2")
    with pytest.raises(RejectedClip) as no_video:
        probe(sound)
    assert no_video.value.cause == "no_video"
    text = tmp_path / "text.mp4"
    text.write_text("these are words, not frames\n")
    with pytest.raises(RejectedClip) as unreadable:
        probe(text)
    assert unreadable.value.cause == "unreadable"
    with pytest.raises(RejectedClip, match="No such file"):
        probe(tmp_path / "absent.mp4")
