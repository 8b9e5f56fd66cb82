from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from affectflow.video.ffmpeg import find_ffmpeg

Render = Callable[..., Path]


def _render(path: Path, source: str, *options: str) -> Path:
    argv = [find_ffmpeg(), "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", source]
    subprocess.run([*argv, *options, f"file:{path}"], check=True, timeout=60)
    return path


@pytest.fixture(scope="session")
def render() -> Render:
    """render(path, lavfi_source, *ffmpeg_output_options) -> path"""
    return _render


@pytest.fixture(scope="session")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """50 frames of 160x120 at 25 fps, H.264 with a key frame every 10; header first, no sound."""
    return _render(
        tmp_path_factory.mktemp("moving") / "moving.mp4", "testsrc=s=160x120:r=25:d=2",
        "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "10", "-movflags", "+faststart",
    )  # fmt: skip


@pytest.fixture(scope="session")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 grey frames of 64x48, lossless RGB, 25 fps: frame i has the value 8 i everywhere."""
    return _render(
        tmp_path_factory.mktemp("counted") / "counted.mkv",
        "color=s=64x48:r=25:d=1.2,format=gbrp,geq=r='8*N':g='8*N':b='8*N'", "-c:v", "ffv1",
    )  # fmt: skip
