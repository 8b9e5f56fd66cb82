from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from affectflow.corpora.files import VIDEO_EXTENSIONS, is_video, media_by_ending
from affectflow.video.decode import stream_frames
from affectflow.video.ffmpeg import FORMATS, find_ffmpeg

# What else has these containers: sound, still pictures, lists, and forms that nobody has met; bare
# MJPEG is taken for a picture and refused.
NO_VIDEO = {
    ".avif", ".dif", ".h26l", ".heic", ".heif", ".ism", ".isma", ".ismv", ".m4a", ".m4b", ".mjpeg",
    ".mjpg", ".mka", ".mks", ".mpo", ".ogg", ".psp",
}  # fmt: skip

# Muxer and options -> the endings of what it writes. Every ending of a video stands here once.
WRITTEN = {
    "-f h264": [".264", ".avc", ".h264"],
    "-f hevc -c:v libx265 -x265-params log-level=none": [".265", ".h265", ".hevc"],
    "-f 3gp -c:v mpeg4": [".3gp", ".3gpp"],
    "-f 3g2 -c:v mpeg4": [".3g2"],
    "-f asf": [".asf", ".wmv"],
    "-f avi": [".avi", ".divx", ".xvid"],
    "-f dv -s 720x576 -r 25 -pix_fmt yuv420p": [".dv"],
    "-f f4v": [".f4v"],
    "-f flv": [".flv"],
    "-f gif": [".gif"],
    "-f ivf -c:v libvpx": [".ivf"],
    "-f mpeg1video": [".m1v"],
    "-f mpeg2video": [".m2v", ".mpv"],
    "-f mpegts": [".m2t", ".m2ts", ".mts", ".tod", ".trp", ".ts"],
    "-f mp4": [".m4v", ".mp4", ".mp4v", ".mpeg4"],
    "-f mov -c:v mjpeg -pix_fmt yuvj420p": [".mj2", ".mov", ".qt"],
    "-f matroska": [".mk3d", ".mkv"],
    "-f mpeg": [".mpe", ".mpeg", ".mpg"],
    "-f mxf": [".mxf"],
    "-f nut": [".nut"],
    "-f ogg -c:v libtheora": [".ogm", ".ogv"],
    "-f rm -c:v rv20": [".rm", ".rmvb"],
    "-f vob": [".m2p", ".mod", ".vob", ".vro"],
    "-f webm -c:v libvpx": [".webm"],
    "-f yuv4mpegpipe": [".y4m"],
}


@pytest.mark.parametrize("written", WRITTEN)
def test_every_ending_of_a_video_is_of_what_can_be_decoded(tmp_path, written):
    first = tmp_path / "video"
    argv = [
        find_ffmpeg(), "-v", "error", "-f", "lavfi", "-i", "testsrc=s=176x144:r=25", "-frames:v",
        "5", "-pix_fmt", "yuv420p", *written.split(), f"file:{first}",
    ]  # fmt: skip
    subprocess.run(argv, check=True, timeout=60)
    for ending in WRITTEN[written]:
        copy = shutil.copy(first, tmp_path / f"video{ending.upper()}")
        assert len(list(stream_frames(copy))) == 5, ending


def test_these_are_all_endings():
    written = [ending for endings in WRITTEN.values() for ending in endings]
    assert sorted(written) == sorted(VIDEO_EXTENSIONS)
    assert all(is_video(f"a{ending.upper()}") for ending in written)


@pytest.mark.parametrize("name", FORMATS)
def test_no_usual_ending_of_a_container_that_is_let_through_is_missing(name):
    argv = [find_ffmpeg(), "-hide_banner", "-h", f"demuxer={name}"]
    said = subprocess.run(argv, check=True, timeout=60, capture_output=True, text=True).stdout
    usual = re.search(r"Common extensions: (.*)\.", said)
    endings = {f".{ending}" for ending in usual[1].split(",")} if usual else set()
    assert endings - set(VIDEO_EXTENSIONS) - NO_VIDEO == set()


def test_media_that_are_no_videos_are_counted_by_ending():
    names = ["a.JPG", "b.jpg", "c.wav", "d.webp", "e.txt", "f.mp4", "g", ".png"]
    assert media_by_ending(names) == (
        "2 .jpg (such as a.JPG), 1 .wav (such as c.wav), 1 .webp (such as d.webp)"
    )
    assert media_by_ending(names, unread_alone=True) == "1 .webp (such as d.webp)"
    assert media_by_ending([]) == ""


def test_what_a_tape_or_a_disc_was_copied_to_is_read_or_said():
    names = ["a.mod", "a.dat", "a.m2p", "a.mpeg4", "a.vro", "a.trp", "a.xvid", "a.rec"]
    passed = [name for name in names if not is_video(name)]
    assert passed == ["a.dat", "a.rec"], "endings that much else has"
    assert all(name in media_by_ending(passed, unread_alone=True) for name in passed)
