"""Small videos of a photographed face, made frame by frame."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from skimage.data import astronaut

from affectflow.video.ffmpeg import find_ffmpeg

WIDTH, HEIGHT, FPS = 320, 240, 25


@lru_cache(maxsize=1)
def portrait() -> np.ndarray:
    """Head and shoulders of scikit-image's astronaut, uint8 [200, 200, 3]."""
    return cv2.resize(astronaut()[20:280, 90:350], (200, 200), interpolation=cv2.INTER_AREA)


def blank() -> np.ndarray:
    """A frame without a face, uint8 [240, 320, 3]."""
    return np.full((HEIGHT, WIDTH, 3), 90, np.uint8)


def paste(x: int, y: int, side: int = 200, on: np.ndarray | None = None) -> np.ndarray:
    """A frame with the portrait, ``side`` pixels wide, at (x, y)."""
    frame = blank() if on is None else on
    frame[y : y + side, x : x + side] = cv2.resize(portrait(), (side, side))
    return frame


def write_video(path: Path, frames: Iterable[np.ndarray], *options: str) -> Path:
    """Encodes frames at 25 a second; ``options`` are ffmpeg's, before the file's name."""
    argv = [
        find_ffmpeg(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24",
        "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "pipe:0",
        "-c:v", "libx264", "-pix_fmt", "yuv420p", "-qp", "12", *options, str(path),
    ]  # fmt: skip
    data = b"".join(frame.tobytes() for frame in frames)
    subprocess.run(argv, input=data, check=True, timeout=60)
    return path
