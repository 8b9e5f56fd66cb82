from __future__ import annotations

import math
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from affectflow.errors import InputError
from affectflow.predict.annotated import encoder
from affectflow.predict.annotated.annotator import Annotator
from affectflow.predict.annotated.boxes import person_colour
from affectflow.predict.rows import FramePrediction, PersonPrediction
from affectflow.video.decode import stream_frames
from affectflow.video.ffmpeg import find_ffmpeg
from affectflow.video.probe import probe


def nobody(frame: int, second: float) -> FramePrediction:
    return FramePrediction(frame, second, (1, 1), ())


def grey(value: int, width: int = 64, height: int = 48) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def write(target: Path, seconds: list[float], fps: float | None, sound: Path | None = None) -> None:
    """Frame i is grey of level 20 + 10 i, without people: below 96 pixels nothing is drawn."""
    with Annotator(target, fps, sound) as annotator:
        for i, second in enumerate(seconds):
            annotator.add(grey(20 + 10 * i), nobody(i, second))


def shown(target: Path) -> list[int]:
    """Which frame each picture of the file is."""
    return [round((float(frame.rgb.mean()) - 20) / 10) for frame in stream_frames(target)]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def fake_ffmpeg(tmp_path_factory, monkeypatch):
    def make(script: str) -> None:
        path = tmp_path_factory.mktemp("fake") / "ffmpeg"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(encoder, "find_ffmpeg", lambda: str(path))

    return make


def render(path: Path, *inputs: str) -> Path:
    argv = [find_ffmpeg(), "-v", "error", "-nostdin", "-y"]
    for source in inputs:
        argv += ["-f", "lavfi", "-i", source]
    subprocess.run([*argv, "-shortest", f"file:{path}"], check=True, timeout=60)
    return path


# What ffmpeg prints of the rate, and the rate that frames really have.
@pytest.mark.parametrize(
    ("fps", "rate"), [(25.0, 25.0), (23.98, 24000 / 1001), (30.0, 30.0), (12.34, 12.34)]
)
def test_a_constant_rate_keeps_every_frame_once(tmp_path, fps, rate):
    target = tmp_path / "out.mp4"
    write(target, [0.5 + i / rate for i in range(20)], fps)
    assert shown(target) == list(range(20))
    assert probe(target).fps == fps
    assert files(tmp_path) == ["out.mp4"]


def test_a_variable_rate_plays_in_time(tmp_path):
    # At 25 frames/s: slots 0, 1, 5 (0.20 s), 5 again (0.21 s is 5.25), 6.
    write(tmp_path / "out.mp4", [0.0, 0.04, 0.20, 0.21, 0.24], 25.0)
    assert shown(tmp_path / "out.mp4") == [0, 1, 1, 1, 1, 3, 4]


def test_odd_sizes_are_padded_and_another_size_is_fitted_in(tmp_path):
    target = tmp_path / "out.mp4"
    with Annotator(target, 25.0) as annotator:
        annotator.add(grey(200, 65, 49), nobody(0, 0.0))
        annotator.add(grey(200, 20, 30), nobody(1, 0.04))
    first, second = (frame.rgb for frame in stream_frames(target))
    assert first.shape == second.shape == (50, 66, 3)
    assert np.abs(first[:40, :56].astype(int) - 200).max() <= 3
    assert first[:40, -1].mean() < 100  # the padding is black
    # 30 rows become 49, 20 columns 33: from column 16 on, neither squeezed nor cut.
    assert np.abs(second[2:46, 19:46].astype(int) - 200).max() <= 6
    assert second[:, :13].mean() < 20
    assert second[:, 52:].mean() < 20


@pytest.mark.parametrize("size", [(160, 120), (90, 160), (320, 240)])
def test_boxes_have_the_person_s_colour_in_the_video(tmp_path, size):
    width, height = size
    people = (
        PersonPrediction(1, (0.2, 0.3, 0.2, 0.25), 1.0, 0.5, -0.5),
        PersonPrediction(2, (0.6, 0.35, 0.2, 0.2), 1.0, -0.5, 0.5),
    )
    rgb = grey(220, width, height)
    with Annotator(tmp_path / "out.mp4", 10.0) as annotator:
        for i in range(3):
            annotator.add(rgb, FramePrediction(i, i / 10, size, people))
    assert (rgb == 220).all()  # what came in stays as it is
    picture = [frame.rgb for frame in stream_frames(tmp_path / "out.mp4")][-1].astype(int)
    for one in people:
        x, y, w, h = one.box
        # Low on the left and right borders, where there is no label.
        for column in (x * width, (x + w) * width - 1):
            at = picture[round((y + 0.85 * h) * height), round(column)]
            # Colour has half the resolution in H.264, so a line of 2 or 3 pixels is mixed.
            assert np.abs(at - person_colour(one.person)).max() < 60, (one.person, at)
        inside = picture[round((y + 0.4 * h) * height), round((x + w / 2) * width)]
        assert np.abs(inside - 220).max() < 25


def test_sixteen_pixels_are_enough(tmp_path):
    one = PersonPrediction(1, (-0.5, -0.5, 2.0, 2.0), 1.0, 0.5, 0.5)
    with Annotator(tmp_path / "out.mp4", None) as annotator:
        annotator.add(grey(128, 16, 16), FramePrediction(0, math.nan, (16, 16), (one,)))
    assert len(list(stream_frames(tmp_path / "out.mp4"))) == 1


def test_sound_is_kept_where_there_is_some(tmp_path):
    video = "color=s=64x48:r=25:d=1"
    with_sound = render(tmp_path / "with.mp4", video, "sine=d=1")
    without = render(tmp_path / "without.mp4", video)
    no_video = tmp_path / "playlist.m3u8"
    no_video.write_text("#EXTM3U\nwith.mp4\n")
    seconds = [i / 25 for i in range(25)]
    for source, has_sound in ((with_sound, True), (without, False), (no_video, False)):
        write(tmp_path / "out.mp4", seconds, 25.0, source)
        info = probe(tmp_path / "out.mp4")
        assert (info.has_audio, info.codec) == (has_sound, "h264")
        assert len(shown(tmp_path / "out.mp4")) == 25


def test_sound_stays_beside_its_frames(tmp_path):
    # Silent for a second, then a tone. The first picture stands at 0.6 s of the file.
    tone = "aevalsrc=exprs='gte(t,1)*sin(2765*t)':d=2:s=16000"
    source = render(tmp_path / "source.mp4", "color=s=64x48:r=25:d=2", tone)
    write(tmp_path / "out.mp4", [0.6 + i / 25 for i in range(30)], 25.0, source)
    argv = [find_ffmpeg(), "-v", "error", "-i", tmp_path / "out.mp4", "-map", "0:a", "-ac", "1"]
    done = subprocess.run([*argv, "-ar", "16000", "-f", "s16le", "-"], capture_output=True,
                          check=True, timeout=60)  # fmt: skip
    wave = np.abs(np.frombuffer(done.stdout, np.int16).astype(int))
    assert np.argmax(wave > 8000) / 16_000 == pytest.approx(0.4, abs=0.02)


def test_an_error_leaves_nothing_and_keeps_what_was_there(tmp_path):
    target = tmp_path / "out.mp4"
    target.write_bytes(b"before")

    def half() -> None:
        with Annotator(target, 25.0) as annotator:
            annotator.add(grey(1), nobody(0, 0.0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert target.read_bytes() == b"before"
    assert files(tmp_path) == ["out.mp4"]


def test_a_block_without_frames_writes_no_file(tmp_path):
    with Annotator(tmp_path / "out.mp4", 25.0):
        pass
    assert files(tmp_path) == []


def test_what_ffmpeg_said_is_in_the_error(tmp_path, fake_ffmpeg):
    fake_ffmpeg("echo \"Unknown encoder 'libx264'\" >&2; exit 1")
    with pytest.raises(InputError, match=r"could not write .*out\.mp4: Unknown encoder 'libx264'"):
        write(tmp_path / "out.mp4", [i / 25 for i in range(20)], 25.0)
    assert files(tmp_path) == []


def test_a_failure_at_the_very_end_is_one_too(tmp_path, fake_ffmpeg):
    fake_ffmpeg("cat > /dev/null; echo 'No space left on device' >&2; exit 1")
    with pytest.raises(InputError, match="No space left on device"):
        write(tmp_path / "out.mp4", [0.0, 0.04], 25.0)
    assert files(tmp_path) == []


def test_an_ffmpeg_that_takes_nothing_is_not_waited_for(tmp_path, fake_ffmpeg, monkeypatch):
    fake_ffmpeg("exec sleep 60")
    monkeypatch.setattr(encoder, "_STALL_S", 0.2)

    def forty() -> None:
        with Annotator(tmp_path / "out.mp4", 25.0) as annotator:
            for i in range(40):  # more than a pipe holds
                annotator.add(grey(1), nobody(i, i / 25))

    with pytest.raises(InputError, match=r"for 0\.2 s ffmpeg took no frame"):
        forty()
    assert files(tmp_path) == []


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"could not write .*nowhere/out\.mp4: .*No such file"):
        write(tmp_path / "nowhere" / "out.mp4", [0.0], 25.0)


def test_the_video_itself_is_not_written_over(tmp_path):
    video = tmp_path / "clip.mp4"
    video.write_bytes(b"a video")
    with pytest.raises(InputError, match=r"clip\.mp4 is the video itself"):
        write(video, [0.0], 25.0, tmp_path / "." / "clip.mp4")
    assert video.read_bytes() == b"a video"


def test_ctrl_c_at_the_terminal_does_not_reach_ffmpeg(tmp_path):
    # A terminal signals its foreground group; a session of its own is never in it.
    with Annotator(tmp_path / "out.mp4", 25.0) as annotator:
        annotator.add(grey(1), nobody(0, 0.0))
        annotator._begin()
        assert annotator._film is not None
        assert os.getsid(annotator._film._encoder._process.pid) != os.getsid(0)
