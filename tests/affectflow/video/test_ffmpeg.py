from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from affectflow.errors import InputError
from affectflow.video import ffmpeg


@pytest.fixture(autouse=True)
def uncached() -> Iterator[None]:
    ffmpeg.find_ffmpeg.cache_clear()
    yield
    ffmpeg.find_ffmpeg.cache_clear()


def fake(folder: Path, first_line: str) -> Path:
    exe = folder / "ffmpeg"
    exe.write_text(f"#!/bin/sh\necho '{first_line}'\n")
    exe.chmod(exe.stat().st_mode | stat.S_IXUSR)
    return exe


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("ffmpeg version 5.1.9-0+deb12u1 Copyright", (5, 1)),
        ("ffmpeg version n9.0.2-17-g2a571b6068 Copyright", (9, 0)),
        ("ffmpeg version N-112-gabc Copyright", (999, 0)),
        ("avconv version 12", None),
    ],
)
def test_versions_as_releases_and_builds_print_them(tmp_path, line, version):
    assert ffmpeg.ffmpeg_version(str(fake(tmp_path, line))) == version


def test_version_of_what_does_not_run_is_none(tmp_path):
    assert ffmpeg.ffmpeg_version(str(tmp_path / "absent")) is None


def test_the_variable_comes_first(tmp_path, monkeypatch):
    exe = fake(tmp_path, "ffmpeg version 6.0")
    monkeypatch.setenv("AFFECTFLOW_FFMPEG", str(exe))
    monkeypatch.setenv("PATH", "/nonexistent")
    assert ffmpeg.find_ffmpeg() == str(exe)


@pytest.mark.parametrize(
    ("line", "said"), [("ffmpeg version 4.4.2", "is version 4.4"), ("nothing", "does not run")]
)
def test_a_variable_that_does_not_do_is_an_error_not_a_fallback(tmp_path, monkeypatch, line, said):
    monkeypatch.setenv("AFFECTFLOW_FFMPEG", str(fake(tmp_path, line)))
    with pytest.raises(InputError, match=said):
        ffmpeg.find_ffmpeg()


def test_the_one_that_is_shipped_comes_before_path(tmp_path, monkeypatch):
    monkeypatch.delenv("AFFECTFLOW_FFMPEG", raising=False)
    fake(tmp_path, "ffmpeg version 5.1")
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    import imageio_ffmpeg

    assert ffmpeg.find_ffmpeg() == imageio_ffmpeg.get_ffmpeg_exe() != str(tmp_path / "ffmpeg")


def test_path_is_used_where_none_is_shipped_and_passed_over_when_old(tmp_path, monkeypatch):
    import imageio_ffmpeg

    def absent() -> str:
        raise RuntimeError("no binary")

    monkeypatch.delenv("AFFECTFLOW_FFMPEG", raising=False)
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", absent)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    exe = fake(tmp_path, "ffmpeg version 5.1")
    assert ffmpeg.find_ffmpeg() == str(exe)
    ffmpeg.find_ffmpeg.cache_clear()
    fake(tmp_path, "ffmpeg version 4.4")
    with pytest.raises(InputError, match=r"no ffmpeg 5\.1 or newer"):
        ffmpeg.find_ffmpeg()


def test_none_at_all_names_what_would_do(tmp_path, monkeypatch):
    import imageio_ffmpeg

    def absent() -> str:
        raise RuntimeError("no binary")

    monkeypatch.delenv("AFFECTFLOW_FFMPEG", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", absent)
    with pytest.raises(InputError, match="AFFECTFLOW_FFMPEG"):
        ffmpeg.find_ffmpeg()
