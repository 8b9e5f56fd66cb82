from __future__ import annotations

import errno
import os
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from affectflow.errors import RejectedClip, TransientReject
from affectflow.video import decode, machine
from affectflow.video.decode import DecodeLimits, DecodeReport, stream_frames
from tests.containers import ffmpeg, joined_ivf, turn_clockwise
from tests.realdata import REALDATA


def grey_levels(frames) -> list[int]:
    return [int(frame.rgb[24, 32, 0]) for frame in frames]


def damaged(source: Path, target: Path, start: float, count: int) -> Path:
    data = bytearray(source.read_bytes())
    at = int(len(data) * start)
    data[at : at + count] = bytes(count)
    target.write_bytes(data)
    return target


def test_item_i_is_frame_i(counted):
    frames = list(stream_frames(counted))
    # The fixture gives frame i the value 8 i, 25 a second.
    assert grey_levels(frames) == [8 * i for i in range(30)]
    assert [frame.index for frame in frames] == list(range(30))
    assert [f.timestamp_s for f in frames] == pytest.approx([i / 25 for i in range(30)], abs=1e-3)
    assert frames[0].rgb.shape == (48, 64, 3)
    assert frames[0].rgb.dtype == np.uint8


def test_variable_rate_keeps_every_frame_and_its_own_time(tmp_path, render):
    # Every third frame of 30 is left out and the rest keep their times: 20 frames in 1.2 s.
    path = render(
        tmp_path / "vfr.mkv",
        "color=s=64x48:r=25:d=1.2,format=gbrp,geq=r='8*N':g='8*N':b='8*N',"
        "select='not(eq(mod(n\\,3)\\,1))'",
        "-c:v", "ffv1", "-fps_mode", "passthrough",
    )  # fmt: skip
    kept = [n for n in range(30) if n % 3 != 1]
    frames = list(stream_frames(path))
    assert grey_levels(frames) == [8 * n for n in kept]
    assert [f.timestamp_s for f in frames] == pytest.approx([n / 25 for n in kept], abs=1e-3)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("face_noface.mov", 169),
        ("WolfgangLanger_Pexels.mp4", 472),
        ("single_face.mp4", 72),
        ("no_face.mp4", 95),
    ],
)
def test_real_clips_give_all_their_frames(name, count):
    # Counts as `ffprobe -count_frames` gives them; face_noface.mov has a variable frame rate.
    if not (REALDATA / name).exists():
        pytest.skip(f"{REALDATA / name} is not there; set AFFECTFLOW_REALDATA")
    times = [frame.timestamp_s for frame in stream_frames(REALDATA / name)]
    assert len(times) == count
    assert (np.diff(times) > 0).all()


@pytest.mark.parametrize(
    ("size", "max_side", "expected"),
    [
        ("161x99", 1280, (99, 161)),
        ("2x2", 64, (2, 2)),
        ("400x300", 200, (150, 200)),
        ("300x401", 100, (100, 75)),
        ("1000x2", 100, (1, 100)),
    ],
)
def test_sizes(tmp_path, render, size, max_side, expected):
    path = render(tmp_path / "s.mkv", f"testsrc=s={size}:d=0.08", "-c:v", "ffv1")
    frames = list(stream_frames(path, max_side=max_side))
    assert [frame.rgb.shape[:2] for frame in frames] == [expected, expected]


def test_ten_bit(tmp_path, render):
    path = render(
        tmp_path / "ten.mkv", "color=c=0xC08040:s=64x48:d=0.2",
        "-c:v", "ffv1", "-pix_fmt", "gbrp10le",
    )  # fmt: skip
    frames = list(stream_frames(path))
    assert len(frames) == 5
    assert frames[0].rgb[24, 32] == pytest.approx([0xC0, 0x80, 0x40], abs=1)


def test_wide_pixels_become_square(tmp_path, render):
    path = render(tmp_path / "dv.mkv", "testsrc2=s=72x60:d=0.04,setsar=4/3", "-c:v", "ffv1")
    assert next(stream_frames(path)).rgb.shape == (60, 96, 3)


def test_rotation_is_applied(tmp_path, render):
    path = render(
        tmp_path / "r.mp4", "color=red:s=64x48:d=0.2,drawbox=0:0:64:24:blue:fill",
        "-c:v", "libx264", "-pix_fmt", "yuv444p", "-qp", "0",
    )  # fmt: skip
    turn_clockwise(path, 48)
    report = DecodeReport()
    rgb = next(stream_frames(path, report=report)).rgb
    assert rgb.shape == (64, 48, 3)
    # The blue upper half lies on the right after a clockwise quarter turn.
    assert rgb[32, 40].argmax() == 2
    assert rgb[32, 8].argmax() == 0
    assert report.info is not None
    assert report.info.rotation == 270


def test_each_frame_has_its_own_size_when_it_changes(tmp_path, render):
    # As when a phone is turned in a call: VP8's key frames say their size anew.
    lying = render(tmp_path / "lying.ivf", "testsrc=s=64x36:r=10:d=0.5", "-c:v", "libvpx")
    upright = render(tmp_path / "upright.ivf", "testsrc=s=40x64:r=10:d=0.5", "-c:v", "libvpx")
    call = tmp_path / "call.webm"
    ffmpeg("-i", joined_ivf(tmp_path / "call.ivf", lying, upright, lying), "-c", "copy", call)
    frames = list(stream_frames(call))
    assert [frame.size for frame in frames] == [(64, 36)] * 5 + [(40, 64)] * 5 + [(64, 36)] * 5
    assert [f.timestamp_s for f in frames] == pytest.approx([n / 10 for n in range(15)])
    for part, alone in zip((frames[:5], frames[5:10], frames[10:]), (lying, upright, lying)):
        for frame, other in zip(part, stream_frames(alone)):
            np.testing.assert_array_equal(frame.rgb, other.rgb)
    smaller = [frame.rgb.shape for frame in stream_frames(call, max_side=32)]
    # 36/64 of 32 is 18, 40/64 of 32 is 20.
    assert smaller == [(18, 32, 3)] * 5 + [(32, 20, 3)] * 5 + [(18, 32, 3)] * 5


@pytest.mark.parametrize("size", ["16x100", "100x100"])
def test_a_size_beyond_the_limit_is_noticed_where_it_comes_up(tmp_path, render, size):
    # The file says the first size alone. ffmpeg's own limit is one of area.
    first = render(tmp_path / "first.ivf", "testsrc=s=60x60:r=10:d=0.5", "-c:v", "libvpx")
    then = render(tmp_path / "then.ivf", f"testsrc=s={size}:r=10:d=0.5", "-c:v", "libvpx")
    path = joined_ivf(tmp_path / "grown.ivf", first, then)
    assert len(list(stream_frames(path))) == 10
    assert reject(path, DecodeLimits(frame_side=80)).cause == "bad_size"


def test_times_of_avi_with_frames_between_others_are_those_of_its_pictures(tmp_path, render):
    # AVI keeps no presentation times, and decoders hold pictures back until they are in order.
    for name, codec in (("x264", ["libx264", "-bf", "3"]), ("mpeg4", ["mpeg4", "-bf", "2"])):
        avi = render(tmp_path / f"{name}.avi", "testsrc=s=64x48:r=25:d=1", "-c:v", *codec)
        times = [frame.timestamp_s for frame in stream_frames(avi)]
        assert times == pytest.approx([n / 25 for n in range(25)])


def test_times_are_exact(tmp_path, render):
    path = render(tmp_path / "n.mp4", "testsrc=s=64x48:r=30000/1001:d=2", "-c:v", "libx264")
    times = [frame.timestamp_s for frame in stream_frames(path)]
    # Ticks of 1/30000 s: no rounding but that of a float.
    assert times == [n * 1001 / 30000 for n in range(len(times))]


def hdr(render, target: Path, transfer: str, *options: str) -> Path:
    """Steps of grey, red, green and blue in BT.2100, made from BT.709 with its white at 203 cd/m2.

    That is the reference white of ITU-R BT.2408; each step of 40 pixels is as bright as below.
    """
    return render(
        target, STEPS,
        "-vf", "format=gbrp,zscale=tin=bt709:pin=bt709:min=gbr:rin=pc:t=linear:p=bt709:npl=203,"
        f"format=gbrpf32le,zscale=p=bt2020,zscale=t={transfer}:m=bt2020nc:r=tv:npl=203,"
        "format=yuv444p10le",
        "-c:v", "ffv1", "-color_trc", transfer, *options,
    )  # fmt: skip


LEVELS = (20, 60, 100, 140, 180)
STEPS = "color=black:s=200x80:d=0.08,format=gbrp," + ",".join(
    f"drawbox=x={40 * i}:y={y}:w=40:h=40:t=fill:c={colour}"
    for i, level in enumerate(LEVELS)
    for y, colour in ((0, f"0x{level:02x}{level:02x}{level:02x}"), (40, f"0x{level:02x}4040"))
)


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
@pytest.mark.parametrize(
    "tags", [["-color_primaries", "bt2020", "-colorspace", "bt2020nc"], []], ids=["stated", "not"]
)
def test_high_dynamic_range_looks_as_the_rest(tmp_path, render, transfer, tags):
    path = hdr(render, tmp_path / "hdr.mkv", transfer, *tags)
    report = DecodeReport()
    frames = list(stream_frames(path, report=report))
    assert len(frames) == 2
    assert report.info is not None
    assert report.info.hdr == {"smpte2084": "PQ", "arib-std-b67": "HLG"}[transfer]
    assert report.unmapped_hdr == ""
    for i, level in enumerate(LEVELS):
        # Below the knee light is what it was; ten bits and the way there and back cost a little.
        assert frames[0].rgb[20, 40 * i + 20] == pytest.approx([level] * 3, abs=4)
        assert frames[0].rgb[60, 40 * i + 20] == pytest.approx([level, 64, 64], abs=6)
    rejection = reject(path, hdr="reject")
    assert rejection.cause == "hdr"
    assert report.info.hdr in rejection.detail


def test_without_the_filter_high_dynamic_range_is_taken_as_it_is_and_said(
    tmp_path, render, monkeypatch
):
    path = hdr(render, tmp_path / "hdr.mkv", "smpte2084")
    monkeypatch.setattr(decode, "can_tone_map", lambda exe: False)
    report = DecodeReport()
    frames = list(stream_frames(path, report=report))
    assert report.unmapped_hdr == "PQ"
    # PQ gives 203 cd/m2 the code 0.58 (ITU-R BT.2408, table 1): all is darker and flatter.
    assert frames[0].rgb[20, 180].max() < 150


def test_an_odd_size_of_high_dynamic_range_is_mapped_too(tmp_path, render):
    path = hdr(render, tmp_path / "hdr.mkv", "arib-std-b67")
    frame = next(stream_frames(path, max_side=99))
    assert frame.rgb.shape == (40, 99, 3)
    assert frame.rgb[10, 50] == pytest.approx([100] * 3, abs=4)


def test_words_of_a_rejection_are_no_description(tmp_path, moving, monkeypatch):
    # Ended from outside after a whole description was logged.
    exe = fake_decoder(tmp_path, f"printf '{HALF_A_FRAME}' >&2; kill -9 $$")
    monkeypatch.setattr(decode, "find_ffmpeg", lambda: exe)
    assert reject(moving).detail == (f"{moving}: the decoder was ended from outside, by a signal")


@pytest.mark.parametrize(
    "name",
    [
        "-i.mkv",
        "a b'c\"d.mkv",
        "100%03d.mkv",
        "http:x,y;[0].mkv",
        "лицо 顔 é.mkv",
        "pipe:1",
        "x\ny.mkv",
    ],
)
def test_any_file_name(tmp_path, counted, monkeypatch, name):
    (tmp_path / name).write_bytes(counted.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert len(list(stream_frames(name))) == 30


def reject(path, *args, **more) -> RejectedClip:
    with pytest.raises(RejectedClip) as caught:
        for _ in stream_frames(path, *args, **more):
            pass
    return caught.value


def test_zero_bytes(tmp_path):
    path = tmp_path / "zero.mp4"
    path.touch()
    rejection = reject(path)
    assert rejection.cause == "unreadable"
    assert "0 bytes" in rejection.detail


def test_text_named_mp4(tmp_path):
    path = tmp_path / "text.mp4"
    path.write_text("valence,arousal\n0.1,0.2\n" * 50)
    assert reject(path).cause == "unreadable"


@pytest.mark.parametrize("name", ["list.mp4", "list.m3u8", "list.ffconcat"])
@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{target}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{target}'\n",
    ],
)
def test_playlists_are_refused_though_their_target_is_a_good_video(tmp_path, moving, name, text):
    (tmp_path / "target.mp4").write_bytes(moving.read_bytes())
    path = tmp_path / name
    path.write_text(text.format(target="target.mp4"))
    assert reject(path).cause == "unreadable"


def test_an_image_is_no_video(tmp_path, render):
    path = render(tmp_path / "i.png", "testsrc=s=64x48:d=0.04")
    assert reject(path.rename(tmp_path / "i.mp4")).cause == "unreadable"


def test_audio_only_and_audio_with_a_cover(tmp_path, render):
    sound = render(tmp_path / "sound.m4a", "sine=d=0.2")
    assert reject(sound).cause == "no_video"
    cover = render(tmp_path / "cover.png", "testsrc=s=64x48:d=0.04")
    both = render(
        tmp_path / "both.m4a", "sine=d=0.2", "-i", str(cover), "-map", "0", "-map", "1",
        "-c:v", "copy", "-disposition:v", "attached_pic",
    )  # fmt: skip
    assert reject(both).cause == "no_video"


def test_no_frame_size(tmp_path, render):
    path = render(tmp_path / "zero.avi", "testsrc=s=64x48:d=0.2", "-c:v", "mpeg4")
    data = bytearray(path.read_bytes())
    at = data.index(b"strf") + 12  # after the chunk's and the bitmap header's sizes
    data[at : at + 8] = bytes(8)
    # Without the codec's own header there is no other place that says the size.
    movi = data.index(b"movi")
    data[movi + 4 :] = bytes(len(data) - movi - 4)
    path.write_bytes(data)
    rejection = reject(path)
    assert rejection.cause == "bad_size"
    assert "unspecified size" in rejection.detail


def test_huge_frames(tmp_path, render):
    path = render(tmp_path / "wide.mkv", "color=s=9000x16:d=0.04", "-c:v", "ffv1")
    rejection = reject(path)
    assert rejection.cause == "bad_size"
    assert "9000x16" in rejection.detail
    area = render(tmp_path / "area.mkv", "color=s=400x300:d=0.04", "-c:v", "ffv1")
    assert reject(area, DecodeLimits(frame_side=256)).cause == "bad_size"


def test_too_long_and_too_many(counted):
    assert reject(counted, DecodeLimits(seconds=1.0)).cause == "too_long"
    assert reject(counted, DecodeLimits(frames=29)).cause == "too_long"
    assert len(list(stream_frames(counted, DecodeLimits(frames=30, seconds=1.25)))) == 30


def test_too_long_by_its_timestamps_where_the_container_says_nothing(tmp_path, render):
    path = render(tmp_path / "bare.ivf", "testsrc=s=64x48:d=2", "-c:v", "libvpx", "-f", "ivf")
    data = bytearray(path.read_bytes())
    data[24:28] = bytes(4)  # the number of frames in the IVF header
    path.write_bytes(data)
    assert reject(path, DecodeLimits(seconds=1.0)).cause == "too_long"


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_truncated(tmp_path, moving, share):
    data = moving.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(data[: int(len(data) * share)])
    assert reject(path).cause == "corrupt"


def test_truncated_before_the_index(tmp_path, render):
    path = render(tmp_path / "tail.mp4", "testsrc=s=160x120:d=2", "-c:v", "libx264")
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    assert reject(path).cause == "unreadable"


def test_corrupt_stretch_in_the_middle(tmp_path, moving):
    path = damaged(moving, tmp_path / "bad.mp4", 0.5, 600)
    got = []

    def read() -> None:
        got.extend(frame.index for frame in stream_frames(path))

    with pytest.raises(RejectedClip) as caught:
        read()
    assert caught.value.cause == "corrupt"
    assert "near frame " in caught.value.detail
    near = int(caught.value.detail.split("near frame ")[1].split(":")[0])
    # The header and the first half of the pictures are whole.
    assert 5 <= near < 50
    assert len(got) < 50


def test_corrupt_stretch_kept_and_counted(tmp_path, moving):
    path = damaged(moving, tmp_path / "bad.mp4", 0.5, 600)
    report = DecodeReport()
    frames = list(stream_frames(path, on_corrupt="keep", report=report))
    assert 20 < len(frames) <= 50
    assert report.errors > 0
    assert report.words
    assert 5 <= report.error_frames[0] < 50


def test_a_good_video_reports_no_errors(moving):
    report = DecodeReport()
    assert len(list(stream_frames(moving, on_corrupt="keep", report=report))) == 50
    assert report.errors == 0
    assert report.info is not None
    assert report.info.width == 160


def test_settings_that_do_not_do(moving):
    for name in ("on_corrupt", "hdr"):
        with pytest.raises(ValueError, match=f"{name} is 'ignore'; give one of "):
            next(stream_frames(moving, **{name: "ignore"}))
    with pytest.raises(ValueError, match="stall_s"):
        DecodeLimits(stall_s=0)


@pytest.fixture
def started(monkeypatch) -> list[subprocess.Popen]:
    """Processes that the decoder starts."""
    processes = []

    class Recorded(subprocess.Popen):
        def __init__(self, *args, **more):
            super().__init__(*args, **more)
            processes.append(self)

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    return processes


def test_the_decoder_waits_and_ends_with_the_iterator(tmp_path, render, started):
    path = render(tmp_path / "long.mkv", "testsrc2=s=320x240:r=100:d=20", "-c:v", "mjpeg")
    frames = stream_frames(path)
    next(frames)
    time.sleep(0.3)
    # 2000 frames take a fraction of this when somebody reads: the pipe holds the decoder back.
    assert started[-1].poll() is None
    frames.close()
    assert started[-1].returncode is not None
    assert not [t for t in threading.enumerate() if t.name == "ffmpeg-log"]


def test_dropping_the_iterator_ends_the_decoder(moving, started):
    frames = stream_frames(moving)
    next(frames)
    del frames
    assert started[-1].returncode is not None


# What the log says before a frame of 2x2 pixels comes, as ffmpeg 9 says it.
HALF_A_FRAME = (
    "[info] Stream mapping:\\n"
    "[Parsed_scale_0 @ 0x1] [verbose] w:2 h:2 fmt:gray sar:0/1 -> w:2 h:2 fmt:rgb24 sar:0/1 \\n"
    "[Parsed_metadata_3 @ 0x1] [info] frame:0    pts:0       pts_time:0\\n"
)


def fake_decoder(folder: Path, script: str) -> str:
    exe = folder / "fake"
    exe.write_text(f"#!/bin/sh\n{script}\n")
    exe.chmod(0o755)
    return str(exe)


@pytest.mark.parametrize(
    "script",
    ["exec sleep 30", f"printf '{HALF_A_FRAME}' >&2; printf 123; exec sleep 30"],
)
def test_a_decoder_that_stalls_is_killed_and_not_held_against_the_clip(
    tmp_path, moving, monkeypatch, started, script
):
    exe = fake_decoder(tmp_path, script)
    monkeypatch.setattr(decode, "find_ffmpeg", lambda: exe)
    begin = time.monotonic()
    rejection = reject(moving, DecodeLimits(stall_s=0.3))
    assert time.monotonic() - begin < 5
    assert type(rejection) is TransientReject
    assert "0.3 s" in rejection.detail
    assert started[-1].returncode is not None


def test_a_decoder_that_is_killed_is_not_held_against_the_clip(tmp_path, moving, monkeypatch):
    exe = fake_decoder(tmp_path, "kill -9 $$")
    monkeypatch.setattr(decode, "find_ffmpeg", lambda: exe)
    assert type(reject(moving)) is TransientReject


# What ffmpeg 9 said, where `strace -e inject=read:error=EIO` failed the reading of an AVI and of a
# Matroska file from some call on, and of one call alone, and where `ulimit -v` left no memory.
BROKEN_AVI = (
    "[in#0/avi @ 0x1] [warning] Packet corrupt (stream = 0, dts = 271).",
    "[mpeg4 @ 0x1] [error] mcbpc damaged at 12 2",
    "[in#0/avi @ 0x1] [error] Error during demuxing: Input/output error",
)
BROKEN_MKV = (
    "[in#0/matroska,webm @ 0x1] [error] Read error",
    "[in#0/matroska,webm @ 0x1] [error] Error during demuxing: Input/output error",
)
PASSED_OVER_MKV = (
    "[in#0/matroska,webm @ 0x1] [error] Read error",
    "[in#0/matroska,webm @ 0x1] [error] Read error at pos. 956349 (0xe97bd)",
)
NO_MEMORY = (
    "[h264 @ 0x1] [error] get_buffer() failed",
    "[vf#0:0 @ 0x1] [error] Error while filtering: Cannot allocate memory",
)
NO_THREAD = (
    "[vf#0:0 @ 0x1] [error] Error sending frames to consumers: Resource temporarily unavailable",
)


DESCRIBED = (
    "[info] Input #0, avi, from x:\\n[info]   Stream #0:0: Video: mpeg4, yuv420p, 2x2, 25 fps\\n"
)


def after_a_frame(*lines: str, between: str = "") -> str:
    """A decoder that sends a frame of 2x2 pixels and logs lines, something done before the last."""
    *first, last = (f"echo '{line}' >&2" for line in lines)
    sent = f"printf '{DESCRIBED}{HALF_A_FRAME}' >&2; printf 123456789012"
    return "; ".join([sent, *first, *filter(None, [between]), last])


@pytest.mark.parametrize("on_corrupt", ["reject", "keep"])
@pytest.mark.parametrize(
    "lines", [BROKEN_AVI, BROKEN_MKV, PASSED_OVER_MKV, NO_MEMORY, NO_THREAD], ids="/".join
)
def test_what_the_machine_fails_at_after_a_frame_is_not_held_against_the_clip(
    tmp_path, moving, monkeypatch, lines, on_corrupt
):
    # The cause is logged after what follows from it, which must not be judged meanwhile.
    exe = fake_decoder(tmp_path, after_a_frame(*lines, between="sleep 0.2"))
    monkeypatch.setattr(decode, "find_ffmpeg", lambda: exe)
    rejection = reject(moving, on_corrupt=on_corrupt)
    assert type(rejection) is TransientReject
    named = [line.partition("[error] ")[2] for line in lines]
    assert any(words and words in rejection.detail for words in named)


def test_damage_in_a_file_that_can_be_read_stays_damage(tmp_path, moving, monkeypatch):
    exe = fake_decoder(tmp_path, after_a_frame(*BROKEN_AVI[:2]))
    monkeypatch.setattr(decode, "find_ffmpeg", lambda: exe)
    rejection = reject(moving)
    assert (type(rejection), rejection.cause) == (RejectedClip, "corrupt")
    report = DecodeReport()
    assert len(list(stream_frames(moving, on_corrupt="keep", report=report))) == 1
    assert report.errors == 2


def test_a_file_that_changes_meanwhile_is_not_held_against_the_clip(tmp_path, moving, monkeypatch):
    copy = tmp_path / "copied.mp4"
    copy.write_bytes(moving.read_bytes())
    exe = fake_decoder(tmp_path, after_a_frame(*BROKEN_AVI[:2], between=f"echo >> {copy}"))
    monkeypatch.setattr(decode, "find_ffmpeg", lambda: exe)
    rejection = reject(copy)
    assert type(rejection) is TransientReject
    assert "the file was changed while it was read" in rejection.detail


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_file_that_cannot_be_read_whole_is_not_called_damaged(
    tmp_path, render, moving, monkeypatch, share
):
    # ffmpeg takes what cannot be read for the end of the file. Cut, these look as they would.
    whole = render(tmp_path / "whole.mp4", "testsrc=s=160x120:r=25:d=2", "-c:v", "libx264")
    for source in (whole, moving):  # its index at the end, and at the beginning
        data = source.read_bytes()
        (tmp_path / "cut.mp4").write_bytes(data[: int(len(data) * share)])
        assert type(reject(tmp_path / "cut.mp4")) is RejectedClip

        def failing(*_, **__):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        with monkeypatch.context() as patch:
            patch.setattr(machine, "open", failing, raising=False)
            rejection = reject(tmp_path / "cut.mp4")
        assert type(rejection) is TransientReject
        assert rejection.detail.endswith("Input/output error")


def test_a_missing_file_is_transient_and_a_folder_is_not(tmp_path):
    assert type(reject(tmp_path / "absent.mp4")) is TransientReject
    assert type(reject(tmp_path)) is RejectedClip


def test_a_slow_reader_is_no_stall(moving):
    frames = stream_frames(moving, DecodeLimits(stall_s=1.5))
    next(frames)
    time.sleep(1.7)
    assert len(list(frames)) == 49


def test_a_pipe_by_name_is_not_looked_into(tmp_path):
    os.mkfifo(tmp_path / "camera.mp4")
    # Opening it would wait for a writer.
    with pytest.raises(RejectedClip, match="is a pipe or a device, not a video file"):
        next(stream_frames(tmp_path / "camera.mp4"))
