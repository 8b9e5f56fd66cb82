"""Pictures that an AVI's demuxer passes over are counted by its index."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from affectflow.errors import RejectedClip, TransientReject
from affectflow.video import decoder
from affectflow.video.avi_index import undemuxed
from affectflow.video.decode import DecodeReport, stream_frames
from tests.containers import ffmpeg, without_chunk

MJPEG = ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p")


@pytest.fixture(scope="module")
def whole(tmp_path_factory, render) -> Path:
    """50 pictures of Motion JPEG, each by itself."""
    folder = tmp_path_factory.mktemp("whole")
    return render(folder / "whole.avi", "testsrc2=s=96x64:r=25:d=2", *MJPEG)


@pytest.fixture
def torn(whole, tmp_path) -> Path:
    """The same, of which picture 20 cannot be found."""
    return without_chunk(Path(shutil.copy(whole, tmp_path / "torn.avi")), 20)


def test_a_picture_that_is_passed_over_is_counted(whole, torn):
    report = DecodeReport()
    shown = [frame.rgb for frame in stream_frames(torn, on_lost="count", report=report)]
    assert (len(shown), report.lost, report.errors) == (49, 1, 0)
    pictures = [frame.rgb for frame in stream_frames(whole, report=report)]
    assert report.lost == 0
    np.testing.assert_array_equal(shown, pictures[:20] + pictures[21:])


def test_it_is_an_error_where_nobody_says_otherwise(torn):
    with pytest.raises(RejectedClip, match="1 of 50 pictures are missing") as caught:
        list(stream_frames(torn))
    assert caught.value.cause == "corrupt"
    report = DecodeReport()
    assert len(list(stream_frames(torn, on_corrupt="keep", report=report))) == 49
    assert (report.lost, report.errors) == (1, 1)


def test_a_stretch_that_was_cut_out(whole, tmp_path):
    data = whole.read_bytes()
    half = len(data) // 2
    path = tmp_path / "cut.avi"
    path.write_bytes(data[:half] + data[half + 5000 :])
    report = DecodeReport()
    shown = len(list(stream_frames(path, on_corrupt="keep", on_lost="count", report=report)))
    # The picture that the cut begins in is there in part.
    assert report.lost >= 1
    assert shown + report.lost == 50


def test_sound_is_not_counted(whole, tmp_path):
    path = tmp_path / "sound.avi"
    ffmpeg("-i", whole, "-f", "lavfi", "-i", "sine=d=2", "-c:v", "copy", path)
    report = DecodeReport()
    assert len(list(stream_frames(path, report=report))) == 50
    assert report.lost == 0
    assert undemuxed(path, 0, 49) == 0, "the index lists one more, and every chunk is in its place"
    assert undemuxed(path, 1, 0) == 0, "the second stream has no pictures"


def entries(data: bytes) -> tuple[int, list[tuple[bytes, int, int, int]]]:
    at = data.rindex(b"idx1")
    (size,) = struct.unpack_from("<I", data, at + 4)
    return at, list(struct.iter_unpack("<4sIII", data[at + 8 : at + 8 + size]))


@pytest.mark.parametrize("from_beginning", [False, True])
def test_offsets_of_either_kind(torn, from_beginning):
    data = torn.read_bytes()
    at, listed = entries(data)
    shift = data.index(b"movi") if from_beginning else 0
    body = b"".join(struct.pack("<4sIII", tag, f, o + shift, n) for tag, f, o, n in listed)
    torn.write_bytes(data[: at + 8] + body)
    assert undemuxed(torn, 0, 49) == 1
    assert undemuxed(torn, 0, 47) == 1, "only so many are not where they should be"
    assert undemuxed(torn, 0, 50) == 0


@pytest.mark.parametrize("end", [b"", b"idx1", b"idx1\xff\xff\xff\x7f", b"idx1\x05\0\0\0abcde"])
def test_without_an_index_nothing_is_told(torn, end):
    data = torn.read_bytes()
    torn.write_bytes(data[: entries(data)[0]] + end)
    assert undemuxed(torn, 0, 49) == 0


def test_an_index_that_is_longer_than_a_block_and_one_across_two(tmp_path):
    # 100 000 chunks of 2 bytes; what is read at once is 1 MiB, the index 1.6 MB.
    chunk = b"00dc" + struct.pack("<I", 2) + b"ab"
    body = b"movi" + chunk * 100_000
    index = b"".join(struct.pack("<4sIII", b"00dc", 16, 4 + 10 * n, 2) for n in range(100_000))
    head = b"RIFF\0\0\0\0AVI LIST" + struct.pack("<I", len(body)) + body
    path = tmp_path / "long.avi"
    torn = bytearray(head)
    torn[head.index(b"movi") + 4 + 10 * 500] = 0  # of the tag of one chunk
    for more in range(12):
        path.write_bytes(torn + b"idx1" + struct.pack("<I", len(index)) + index + bytes(more))
        assert undemuxed(path, 0, 99_999) == 1


def test_a_file_that_cannot_be_read_any_more_is_not_held_against_it(whole, monkeypatch):
    def gone(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(decoder, "undemuxed", gone)
    with pytest.raises(TransientReject, match="Input/output error"):
        list(stream_frames(whole))
