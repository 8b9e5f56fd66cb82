"""What is no video is named before a decoder is asked."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from affectflow.errors import RejectedClip
from affectflow.video import decode, probe
from affectflow.video.decode import stream_frames
from affectflow.video.foreign import HEAD_BYTES, no_video, stand_in
from affectflow.video.reject import check_file

# As git-lfs 3.4 writes it (its specification, "The Pointer").
POINTER = b"""version https://git-lfs.github.com/spec/v1
oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
size 117132
"""


def zipped() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("clip.mp4", b"frames")
    return data.getvalue()


def tarred() -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("clip.mp4"))
    return data.getvalue()


def image(kind: str) -> bytes:
    data = io.BytesIO()
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(data, kind)
    return data.getvalue()


FOREIGN = {
    "pointer": (POINTER, "a pointer of Git LFS .* 'git lfs pull'"),
    "annex": (b"/annex/objects/SHA256E-s12--ab.mp4\n", "git-annex"),
    "page": (b"\n<!DOCTYPE html>\n<html><body>Sign in</body></html>", "is a web page"),
    "zeros": (bytes(HEAD_BYTES), "nothing but zeros"),
    "zip": (zipped(), "is a ZIP archive, not a video; unpack it"),
    "tar": (tarred(), "is a tar archive, not a video; unpack it"),
    "gz": (b"\x1f\x8b\x08\0", "is a gzip archive"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is a PDF document, not a video"),
    "png": (image("PNG"), r"is an image \(PNG\), not a video"),
    "webp": (image("WEBP"), r"is an image \(WebP\), not a video"),
    "wave": (b"RIFF\x24\0\0\0WAVEfmt ", "is sound alone"),
    "playlist": (b"#EXTM3U\n#EXTINF:2,\nclip.ts\n", "is a playlist"),
    "table": (
        b"valence,arousal\n0.1,0.2\n",
        "is text, which begins with 'valence,arousal 0.1,0.2'",
    ),
    "cut text": ("värde ".encode() * 300, "is text, which begins with 'värde"),
}


@pytest.fixture
def no_decoder(monkeypatch) -> None:
    def asked(*_: object) -> str:
        raise AssertionError("ffmpeg was asked")

    monkeypatch.setattr(decode, "find_ffmpeg", asked)
    monkeypatch.setattr(probe, "find_ffmpeg", asked)


@pytest.mark.parametrize("name", FOREIGN)
def test_it_is_named_without_asking_a_decoder(tmp_path, no_decoder, name):
    data, words = FOREIGN[name]
    path = tmp_path / "clip.mp4"
    path.write_bytes(data)
    for look in (lambda: next(stream_frames(path)), lambda: probe.probe(path)):
        with pytest.raises(RejectedClip, match=f"clip.mp4: .*{words}") as caught:
            look()
        assert caught.value.cause == "unreadable"


@pytest.mark.parametrize(
    ("ending", "options"),
    [
        ("mp4", ["-c:v", "libx264"]), ("mkv", ["-c:v", "ffv1"]), ("avi", ["-c:v", "mjpeg"]),
        ("ts", ["-c:v", "mpeg2video"]), ("mpg", ["-c:v", "mpeg1video"]), ("h264", []),
        ("flv", []), ("asf", ["-c:v", "wmv2"]), ("ogv", ["-c:v", "libtheora"]), ("gif", []),
        ("y4m", ["-pix_fmt", "yuv420p"]), ("ivf", ["-c:v", "libvpx"]), ("nut", []),
        ("rm", ["-c:v", "rv20"]), ("mxf", ["-c:v", "mpeg2video"]),
    ],
)  # fmt: skip
def test_no_video_is_taken_for_something_else(tmp_path, render, ending, options):
    path = render(tmp_path / f"a.{ending}", "color=black:s=64x48:d=0.2", *options)
    head = path.read_bytes()[:HEAD_BYTES]
    assert stand_in(head) == no_video(head) == ""


def test_an_image_may_be_an_image_and_not_a_pointer(tmp_path):
    path = tmp_path / "face.png"
    path.write_bytes(image("PNG"))
    check_file(path)
    Path(path).write_bytes(POINTER)
    with pytest.raises(RejectedClip, match="git lfs pull"):
        check_file(path)
