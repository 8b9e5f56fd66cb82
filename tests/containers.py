"""Files made of pieces of others, as recorders, calls and editors leave them."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

from affectflow.video.ffmpeg import find_ffmpeg


def ffmpeg(*arguments: object) -> None:
    """Runs ffmpeg over what is there already, in silence."""
    argv = [find_ffmpeg(), "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    subprocess.run(argv, check=True, timeout=60)


def turn_clockwise(path: Path, height: int) -> None:
    """Has players turn the picture of an MP4, which is ``height`` pixels high, by a quarter."""
    data = bytearray(path.read_bytes())
    # ISO 14496-12: the matrix begins 40 bytes after the type of a version 0 track header.
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(
        ">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, height << 16, 0, 1 << 30
    )  # fmt: skip
    path.write_bytes(data)


def joined_ivf(target: Path, *sources: Path) -> Path:
    """The frames of IVF files, one after the other, renumbered (header 32 bytes, 12 a frame)."""
    head, frames = b"", []
    for source in sources:
        data = source.read_bytes()
        head, at = head or data[:32], 32
        while at < len(data):
            (size,) = struct.unpack_from("<I", data, at)
            frames.append(data[at + 12 : at + 12 + size])
            at += 12 + size
    body = (struct.pack("<IQ", len(frame), i) + frame for i, frame in enumerate(frames))
    target.write_bytes(head + b"".join(body))
    return target


def avi_with(target: Path, source: Path, extra: bytes, every: int = 10) -> Path:
    """An AVI of one video stream with a chunk more after each ``every`` frames, indexed."""
    data = source.read_bytes()
    at = data.index(b"movi") + 4
    head, chunks, index, body = bytearray(data[:at]), [], [], b""
    end = at + struct.unpack_from("<I", data, at - 8)[0] - 4
    while at < end:
        tag, size = struct.unpack_from("<4sI", data, at)
        chunks.append((tag, data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
        if len(chunks) % (every + 1) == every and at < end:
            chunks.append((tag, extra))
    for tag, chunk in chunks:
        index.append(struct.pack("<4sIII", tag, 0x10, 4 + len(body), len(chunk)))
        body += struct.pack("<4sI", tag, len(chunk)) + chunk + b"\0" * (len(chunk) % 2)
    head[-8:-4] = struct.pack("<I", len(body) + 4)
    whole = bytearray(head + body + b"idx1" + struct.pack("<I", 16 * len(index)) + b"".join(index))
    struct.pack_into("<I", whole, 4, len(whole) - 8)
    struct.pack_into("<I", whole, whole.index(b"avih") + 24, len(chunks))  # dwTotalFrames
    struct.pack_into("<I", whole, whole.index(b"strh") + 40, len(chunks))  # dwLength
    target.write_bytes(whole)
    return target


def without_chunk(path: Path, number: int) -> Path:
    """Zeroes the head of a picture's chunk of an AVI of one video stream, which is passed over."""
    data = bytearray(path.read_bytes())
    at = data.index(b"movi") + 4
    for _ in range(number):
        size = struct.unpack_from("<I", data, at + 4)[0]
        at += 8 + size + size % 2
    assert data[at : at + 3] == b"00d"
    data[at : at + 8] = bytes(8)
    path.write_bytes(data)
    return path
