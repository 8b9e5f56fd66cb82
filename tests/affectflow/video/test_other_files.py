"""No file, however it ends and begins, makes the decoder open another or ask a server."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import threading
import time
from pathlib import Path

import pytest

from affectflow.audio.read import NoSound, read_audio
from affectflow.corpora.files import VIDEO_EXTENSIONS
from affectflow.errors import RejectedClip
from affectflow.video.decode import stream_frames
from affectflow.video.probe import probe
from tests.torture import cases, rng

# {target} is another file, {url} a server. Each is a form in which ffmpeg follows names:
# HLS, concat scripts, DASH, ASX, SMIL, PLS, ASF references, SDP, RTSP text and VapourSynth, and the
# protocols that open others.
NAMING = (
    "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{target}\n#EXT-X-ENDLIST\n",
    "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"{url}\"\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n",
    "#EXTM3U\n#EXT-X-MAP:URI=\"{target}\"\n#EXTINF:1,\nsubfile,,start,0,end,99,,:{target}\n",
    "#EXTM3U\n#EXTINF:1,\nconcat:{target}|{url}\n", "#EXTM3U\n#EXTINF:1,\ndata:,{url}\n",
    "ffconcat version 1.0\nfile '{target}'\n", "ffconcat version 1.0\nfile {url}\n",
    "file '{target}'\nfile '{url}'\n", "concat:{target}", "subfile,,start,0,end,0,,:{target}",
    "data:video/mp4;base64,AAAA", "{url}", "crypto:{target}", "async:{target}", "tee:{target}",
    "<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><Period><BaseURL>{url}"
    "</BaseURL></Period></MPD>", "<asx><entry><ref href='{url}'/></entry></asx>",
    "<smil><body><video src='{url}'/></body></smil>", "[playlist]\nFile1={url}\n",
    "[Reference]\nRef1={url}\n",
    "v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n",
    "RTSPtext\n{url}\n", "import vapoursynth\nopen('{target}')\n",
)  # fmt: skip

# Before it: nothing, marks of byte order, blanks, and what looks like a container's beginning.
BEFORE = (
    b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\n \t", b"\0", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom",
    b"\x1a\x45\xdf\xa3", b"RIFF\xff\0\0\0AVI LIST", b"G" + bytes(187), b"FLV\x01\x05\0\0\0\x09",
    b"\0\0\x01\xba", b"OggS", b"GIF89a", b"\xff\xd8\xff\xe0", b".RMF", b"DKIF", b"\x06\x0e\x2b\x34",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"YUV4MPEG2 ", b"\x80",
)  # fmt: skip


@pytest.fixture
def traps(tmp_path):
    """A server and a pipe in a file's place, and a list of those who came to them."""
    came: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))
    pipe = tmp_path / "other.mp4"
    os.mkfifo(pipe)

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                server.accept()[0].close()
                came.append("the server")

    def wait() -> None:
        # Opened for writing when somebody opens it for reading, and not before.
        with open(pipe, "wb"):
            came.append("the file")

    for trap in (serve, wait):
        threading.Thread(target=trap, daemon=True).start()
    url = f"http://127.0.0.1:{server.getsockname()[1]}/a.mp4"
    yield pipe, url, came
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))


@pytest.mark.torture
def test_what_names_others_is_refused_and_they_are_not_asked(tmp_path, traps):
    pipe, url, came = traps
    draw = rng("playlists")
    for at in range(cases(small=24, large=6000)):
        text = NAMING[at % len(NAMING)].format(target=pipe, url=url)
        before = BEFORE[int(draw.integers(len(BEFORE)))] if at >= len(NAMING) // 2 else b""
        path = tmp_path / f"clip{draw.choice(VIDEO_EXTENSIONS)}"
        path.write_bytes(before + text.encode())
        look = (lambda p: next(stream_frames(p)), probe, read_audio)[at % 3]
        if before:
            # What begins like a container may pass for one, of which nothing can be decoded.
            with contextlib.suppress(RejectedClip, NoSound):
                look(path)
        else:
            with pytest.raises(RejectedClip, match="clip"):
                look(path)
        path.unlink()
        assert came == []


@pytest.mark.parametrize("name", ["concat:a|b.mp4", "http:x.mp4", "-i.mp4", "%03d.mp4", "pipe:0"])
def test_a_name_that_is_a_protocol_is_a_name(tmp_path, moving, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(moving, name)
    assert next(stream_frames(Path(name))).index == 0


def test_the_traps_are_traps(traps):
    """Who opens the one or asks the other is noticed."""
    pipe, url, came = traps
    pipe.read_bytes()
    host, port = url.split("/")[2].split(":")
    socket.create_connection((host, int(port))).recv(1)
    deadline = time.monotonic() + 30  # its thread may come to write it down a moment later
    while len(came) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sorted(came) == ["the file", "the server"]
