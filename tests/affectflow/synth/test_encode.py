from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from affectflow.errors import InputError
from affectflow.synth.encode import encode
from affectflow.synth.sound import write_wav
from affectflow.video.decode import stream_frames
from affectflow.video.probe import probe


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "hum.wav"
    write_wav(path, 0.3 * np.sin(np.arange(16_000) / 20))
    return path


def greys(count: int) -> list[np.ndarray]:
    return [np.full((64, 96, 3), 20 + 10 * i, np.uint8) for i in range(count)]


@pytest.mark.parametrize("ticks", [tuple(range(12)), (0, 1, 2, 5, 6, 8, 10, 12, 13, 14, 15, 20)])
def test_every_frame_is_in_the_file_at_its_time(
    tmp_path: Path, sound: Path, ticks: tuple[int, ...]
) -> None:
    path = tmp_path / "clip.mp4"
    encode(path, greys(12), 96, 64, 15, ticks, sound)
    frames = list(stream_frames(path))
    assert [round(float(frame.rgb.mean()) / 10 - 2) for frame in frames] == list(range(12))
    assert np.allclose([frame.timestamp_s - frames[0].timestamp_s for frame in frames],
                       np.array(ticks) / 15, atol=2e-3)  # fmt: skip
    info = probe(path)
    assert (info.width, info.height, info.codec, info.has_audio) == (96, 64, "h264", True)


@pytest.mark.parametrize(
    ("ending", "codec"), [(".avi", "mpeg4"), (".flv", "flv1"), (".mpeg", "mpeg2video")]
)
@pytest.mark.parametrize("silent", [False, True])
def test_other_kinds_of_file_have_every_frame_at_its_time_and_the_same_bytes(
    tmp_path: Path, sound: Path, ending: str, codec: str, silent: bool
) -> None:
    one, two = tmp_path / f"one{ending}", tmp_path / f"two{ending}"
    for path in (one, two):
        encode(path, greys(12), 96, 64, 25, tuple(range(12)), None if silent else sound)
    assert one.read_bytes() == two.read_bytes()
    frames = list(stream_frames(one))
    assert [round(float(frame.rgb.mean()) / 10 - 2) for frame in frames] == list(range(12))
    assert np.allclose(np.diff([frame.timestamp_s for frame in frames]), 1 / 25, atol=2e-3)
    info = probe(one)
    assert info.codec == codec
    assert info.has_audio is not silent


def test_hundreds_of_gaps_are_no_problem(tmp_path: Path, sound: Path) -> None:
    ticks = tuple(range(0, 800, 2))
    frames = (np.full((32, 32, 3), 9, np.uint8) for _ in ticks)
    encode(tmp_path / "long.mp4", frames, 32, 32, 60, ticks, sound)
    times = np.array([frame.timestamp_s for frame in stream_frames(tmp_path / "long.mp4")])
    assert np.allclose(times - times[0], np.array(ticks) / 60, atol=2e-3)


def test_the_same_frames_give_the_same_bytes(tmp_path: Path, sound: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        encode(tmp_path / name, greys(10), 96, 64, 15, tuple(range(10)), sound)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_what_ffmpeg_said_is_in_the_error(tmp_path: Path, sound: Path) -> None:
    with pytest.raises(InputError, match=r"could not write .*nowhere"):
        encode(tmp_path / "nowhere" / "clip.mp4", greys(3), 96, 64, 15, (0, 1, 2), sound)


def test_an_error_while_drawing_ends_ffmpeg(tmp_path: Path, sound: Path) -> None:
    def failing():  # type: ignore[no-untyped-def]
        yield greys(1)[0]
        raise RuntimeError("the drawing failed")

    with pytest.raises(RuntimeError, match="the drawing failed"):
        encode(tmp_path / "clip.mp4", failing(), 96, 64, 15, (0, 1), sound)
