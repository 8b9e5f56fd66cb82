"""Damaged videos: what is accepted has each picture at its place, and nothing ends the process."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from affectflow.errors import RejectedClip
from affectflow.video.decode import DecodeReport, stream_frames
from affectflow.video.ffmpeg import find_ffmpeg
from tests.damage import damaged
from tests.torture import cases, rng

WIDTH, HEIGHT, PICTURES = 96, 64, 60

X264 = "-c:v libx264 -pix_fmt yuv420p -g 20"
KINDS = {
    "h264.mp4": X264,
    "h264.mkv": X264,
    "h264.avi": X264,
    "h264.flv": X264,
    "h264.ts": X264,
    "mpeg4.avi": "-c:v mpeg4 -q:v 4 -g 20",
    "mpeg4.mp4": "-c:v mpeg4 -q:v 4 -g 20 -bf 2",
    "mpeg2.ts": "-c:v mpeg2video -q:v 4 -g 20 -bf 2",
    "mjpeg.avi": "-c:v mjpeg -pix_fmt yuvj420p -q:v 4",
    "ffv1.mkv": "-c:v ffv1 -level 3 -slicecrc 1",
}

# Known limits. None of these codecs keeps checksums of its pictures, so damage that still reads as
# some picture is shown in silence, and so is what is predicted from it; FFV1 keeps them.
CONCEALING = {"h264", "mpeg4", "mpeg2", "mjpeg"}
# A transport stream numbers its packets modulo 16, and what is no start of a picture is passed over
# in silence: where 16 packets are lost, or a start is damaged, the time jumps and nothing else is
# amiss. A jump in time alone is a variable frame rate. About one in sixty damaged files.
LOSING = {"ts"}


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    """uint8 [n, h, w, 3]: waves over noise that moves, and the picture's number in black and white.

    A picture that is shown in another's place is none of that place's.
    """
    noise = np.random.default_rng(5).integers(0, 60, (HEIGHT, 2 * WIDTH, 3))
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    made = np.empty((PICTURES, HEIGHT, WIDTH, 3), np.uint8)
    for n in range(PICTURES):
        wave = 100 + 60 * np.sin((x + 3 * n) / 9) + 20 * np.cos((y - 2 * n) / 7)
        shift = 2 * n % WIDTH
        made[n] = (wave[..., None] + noise[:, shift : shift + WIDTH]).clip(0, 255)
        for bit in range(8):
            made[n, 4:20, 4 + 11 * bit : 14 + 11 * bit] = 235 if n >> bit & 1 else 20
    return made


@pytest.fixture(scope="module", params=KINDS)
def whole(request, tmp_path_factory, pictures) -> tuple[Path, np.ndarray]:
    """A file that is well, and its pictures as they are decoded."""
    path = tmp_path_factory.mktemp("whole") / request.param
    argv = [
        find_ffmpeg(), "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24",
        "-s", f"{WIDTH}x{HEIGHT}", "-r", "25", "-i", "pipe:0", *KINDS[request.param].split(),
    ]  # fmt: skip
    subprocess.run([*argv, f"file:{path}"], input=pictures.tobytes(), check=True, timeout=60)
    shown = np.stack([frame.rgb for frame in stream_frames(path)])
    assert len(shown) == PICTURES
    return path, shown


def misplaced(shown: list[np.ndarray], whole: np.ndarray) -> str:
    """What is wrong with the places of pictures; "" = nothing."""
    numbers = {picture.tobytes(): n for n, picture in enumerate(whole)}
    for place, picture in enumerate(shown):
        number = numbers.get(picture.tobytes(), place)
        if number != place:
            return f"picture {number} is at place {place}"
    # Where the end is missing, all that is there is where it should be.
    lacks = len(shown) < len(whole) and shown[-1].tobytes() != whole[len(shown) - 1].tobytes()
    return f"{len(shown)} pictures of {len(whole)}" if lacks or len(shown) > len(whole) else ""


@pytest.mark.torture
def test_what_is_accepted_has_each_picture_at_its_place(whole, tmp_path, record_property):
    path, pictures = whole
    codec, container = path.name.split(".")
    draws, came = rng(f"torn {path.name}"), Counter[str]()
    wrong = []
    for case in range(cases(small=3, large=60)):
        torn = tmp_path / f"{case}.{container}"
        torn.write_bytes(damaged(path.read_bytes(), draws, 1 / 6, 5 / 6))
        report = DecodeReport()
        try:
            shown = [frame.rgb for frame in stream_frames(torn, report=report)]
        except RejectedClip as rejection:
            came[rejection.cause] += 1
            continue
        if found := misplaced(shown, pictures):
            came["misplaced"] += 1
            if container not in LOSING:
                wrong.append(f"case {case}: {found}")
        elif any((a != b).any() for a, b in zip(shown, pictures)):
            came["concealed"] += 1
            if codec not in CONCEALING:
                wrong.append(f"case {case}: other pictures")
        else:
            came["whole"] += 1
    record_property("came", dict(came))
    print(path.name, dict(came))
    assert not wrong, came
    assert came["misplaced"] <= max(1, 0.1 * came.total())


@pytest.mark.torture
def test_no_damage_ends_the_process(whole, tmp_path):
    path, _ = whole
    draws = rng(f"anywhere {path.name}")
    for case in range(cases(small=2, large=40)):
        torn = tmp_path / f"{case}{path.suffix}"
        torn.write_bytes(damaged(path.read_bytes(), draws))
        for on_corrupt in ("reject", "keep"):
            assert str(torn) in refused(torn, on_corrupt)


def refused(path: Path, on_corrupt: str) -> str:
    """Why a video is rejected, or its name where it is not."""
    try:
        for frame in stream_frames(path, on_corrupt=on_corrupt):
            assert frame.rgb.shape == (frame.rgb.shape[0], frame.rgb.shape[1], 3)
    except RejectedClip as rejection:
        return rejection.detail
    return str(path)
