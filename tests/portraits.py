"""Small videos of a photographed face, made frame by frame."""

from __future__ import annotations

import struct
import subprocess
import zlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from skimage.data import astronaut

from affectflow.synth.draw import generator
from affectflow.synth.scene import draw_room
from affectflow.video.ffmpeg import find_ffmpeg
from tests.containers import ffmpeg, joined_ivf

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
    """Encodes frames of one size, 25 a second; ``options`` are ffmpeg's, before the file's name."""
    frames = list(frames)
    height, width = frames[0].shape[:2]
    argv = [
        find_ffmpeg(), "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24",
        "-s", f"{width}x{height}", "-r", str(FPS), "-i", "pipe:0",
        "-c:v", "libx264", "-pix_fmt", "yuv420p", "-qp", "12", *options, str(path),
    ]  # fmt: skip
    data = b"".join(frame.tobytes() for frame in frames)
    subprocess.run(argv, input=data, check=True, timeout=60)
    return path


def turned_call(folder: Path, frames: int = 8) -> tuple[Path, Path, Path]:
    """A video of a face whose picture is turned half-way, and each half alone, in VP8.

    Each half has ``frames`` frames, the first 320x240 pixels, the second 180x320; the face has
    another place in it.
    """
    lying = [paste(60 + 2 * i, 20) for i in range(frames)]
    tall = np.full((320, 180, 3), 90, np.uint8)
    upright = [paste(5, 60 + 2 * i, 160, on=tall.copy()) for i in range(frames)]
    sources = [
        write_video(folder / f"{name}.mp4", pictures)
        for name, pictures in (("lying", lying), ("upright", upright))
    ]
    call = joined_vp8(folder / "call.ivf", *sources)
    return call, sources[0].with_suffix(".ivf"), sources[1].with_suffix(".ivf")


def joined_vp8(target: Path, *sources: Path) -> Path:
    """Videos of any size, one after the other, in VP8; each is left beside its source as IVF."""
    for source in sources:
        ffmpeg("-i", source, "-c:v", "libvpx", "-b:v", "3M", "-qmax", "8",
               source.with_suffix(".ivf"))  # fmt: skip
    return joined_ivf(target, *(source.with_suffix(".ivf") for source in sources))


def two_shots(length: int = 12) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """A face that moves, and another face in another room that moves on from the same place."""
    room = draw_room(generator(1, "room"), WIDTH, HEIGHT)
    other = np.ascontiguousarray(portrait()[:, ::-1])[..., ::-1] // 2 + 60
    first = [paste(60 + n % 9, 20 + n % 3) for n in range(length)]
    second = []
    for n in range(length):
        frame = room.copy()
        y, x = 20 + n % 3, 60 + (length + n) % 9
        frame[y : y + 200, x : x + 200] = other
        second.append(frame)
    return first, second


def write_exactly(path: Path, frames: Iterable[np.ndarray]) -> Path:
    """Encodes frames so that they are the same pixels in any other film, too."""
    return write_video(path, frames, "-qp", "0")


def png_of(width: int, height: int) -> bytes:
    """The head of a PNG that states a size, and no pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + pixels + chunk(b"IEND", b"")
