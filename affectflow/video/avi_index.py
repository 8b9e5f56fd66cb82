"""Packets that an AVI's index lists and that its demuxer did not find.

Where a chunk's head is damaged, or bytes are cut out, ffmpeg looks for the next chunk and passes
over what is between without a word. AVI keeps no times, so nothing else shows that pictures are
missing: those after them are taken for earlier ones. The index at the file's end lists every chunk.

Of a file in several parts (OpenDML, above 1 GB) the index lists the first part alone, and of a
recording that broke off there is none: nothing can be told of what is not listed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

_ENTRY = struct.Struct("<4sIII")
_HEAD = struct.Struct("<4sI")
_READ = 1 << 20
# An index with more bytes is none: it would list a week of pictures.
_LARGEST = 1 << 28


class _Chunk(NamedTuple):
    tag: bytes
    offset: int
    size: int


def undemuxed(path: Path | str, stream: int, packets: int) -> int:
    """How many of an AVI's indexed packets were not demuxed, because the file is damaged.

    An index that lists more than there is proves nothing by itself, for some editors list a chunk
    twice: so many of the listed chunks must not be where they should be, either.

    Args:
        path: the file; only its index is read, and the heads of its chunks if any are missing.
        stream: index of the video stream in the file.
        packets: how many were demuxed of it.

    Raises:
        OSError: the file cannot be read.
    """
    with open(path, "rb") as file:
        found = _index(file)
        if found is None:
            return 0
        at, size = found
        file.seek(at)
        # Pictures are of type "dc" or "db"; empty chunks stand for none.
        tags = (b"%02ddc" % stream, b"%02ddb" % stream)
        chunks = {
            _Chunk(tag, offset, length)
            for tag, _, offset, length in _ENTRY.iter_unpack(file.read(size))
            if tag in tags and length
        }
        if len(chunks) <= packets:
            return 0
        # Offsets count from the word "movi", or from the beginning of the file.
        bases = [0, *_movi(file)]
        displaced = min(sum(not _stands(file, base, chunk) for chunk in chunks) for base in bases)
    return min(len(chunks) - packets, displaced)


def _index(file: BinaryIO) -> tuple[int, int] | None:
    """Place and size of the last index in the file, wherever the damage has moved it."""
    end = file.seek(0, 2)
    after = b""
    for stop in range(end, 0, -_READ):
        start = max(0, stop - _READ)
        file.seek(start)
        block = file.read(stop - start) + after
        at = block.rfind(b"idx1")
        while at >= 0:
            head = block[at : at + _HEAD.size]
            if len(head) == _HEAD.size:
                size = _HEAD.unpack(head)[1]
                begin = start + at + _HEAD.size
                if 0 < size <= min(_LARGEST, end - begin) and size % _ENTRY.size == 0:
                    return begin, size
            at = block.rfind(b"idx1", 0, at)
        if end - start > _LARGEST:
            return None
        after = block[: _HEAD.size - 1]
    return None


def _movi(file: BinaryIO) -> Iterator[int]:
    """Places of the word "movi" of the list of chunks, which comes soon after the beginning."""
    file.seek(0)
    head = file.read(_READ)
    at = head.find(b"movi")
    while at >= 0:
        if head[at - 8 : at - 4] == b"LIST":
            yield at
        at = head.find(b"movi", at + 1)


def _stands(file: BinaryIO, base: int, chunk: _Chunk) -> bool:
    file.seek(base + chunk.offset)
    return file.read(_HEAD.size) == _HEAD.pack(chunk.tag, chunk.size)
