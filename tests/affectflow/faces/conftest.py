from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from affectflow.corpora.clip import Clip
from affectflow.faces.detectors import Detector, create_detector
from affectflow.faces.settings import FaceSettings
from affectflow.video.ffmpeg import find_ffmpeg

WIDTH, HEIGHT, FRAMES = 320, 240, 24
# The blank stretch of the rendered clip, in frames.
BLANK = range(10, 14)


@pytest.fixture(scope="session")
def portrait() -> np.ndarray:
    """Head and shoulders of scikit-image's astronaut, uint8 [200, 200, 3]."""
    return cv2.resize(astronaut()[20:280, 90:350], (200, 200), interpolation=cv2.INTER_AREA)


def paste(portrait: np.ndarray, x: int, y: int, side: int = 200) -> np.ndarray:
    frame = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    frame[y : y + side, x : x + side] = cv2.resize(portrait, (side, side))
    return frame


def write_video(path: Path, frames: Iterator[np.ndarray] | list[np.ndarray]) -> Path:
    argv = [
        find_ffmpeg(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24",
        "-s", f"{WIDTH}x{HEIGHT}", "-r", "25", "-i", "pipe:0",
        "-c:v", "libx264", "-pix_fmt", "yuv420p", "-qp", "12", str(path),
    ]  # fmt: skip
    data = b"".join(frame.tobytes() for frame in frames)
    subprocess.run(argv, input=data, check=True, timeout=60)
    return path


@pytest.fixture(scope="session")
def wandering(tmp_path_factory: pytest.TempPathFactory, portrait: np.ndarray) -> Path:
    """A face that moves 4 pixels a frame to the right; frames in BLANK show none."""
    blank = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    frames = [blank if i in BLANK else paste(portrait, 4 * i, 20) for i in range(FRAMES)]
    return write_video(tmp_path_factory.mktemp("wandering") / "wandering.mp4", frames)


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory, portrait: np.ndarray) -> Path:
    """Two faces side by side, the left one larger; 6 frames."""
    frames = []
    for i in range(6):
        frame = paste(portrait, 0, 40, 170)
        frame[80:220, 175 + i : 315 + i] = cv2.resize(portrait, (140, 140))
        frames.append(frame)
    return write_video(tmp_path_factory.mktemp("pair") / "pair.mp4", frames)


@pytest.fixture(scope="session")
def faceless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frames = [np.full((HEIGHT, WIDTH, 3), 10 * i, np.uint8) for i in range(8)]
    return write_video(tmp_path_factory.mktemp("faceless") / "faceless.mp4", frames)


@pytest.fixture(scope="session")
def detector() -> Iterator[Detector]:
    built = create_detector(FaceSettings())
    yield built
    built.close()


@pytest.fixture
def clip() -> Callable[..., Clip]:
    """clip(source, person="") -> Clip"""

    def make(source: Path, person: str = "") -> Clip:
        return Clip("test", "v", "s", "train", source, person=person)

    return make
