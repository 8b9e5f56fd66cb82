"""Looks at single records of a shard without TensorFlow, whose import costs seconds.

For showing a few faces. Whoever reads shards through uses ``records.shards``, which checks them.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

_HEAD = struct.Struct("<Q4x")  # length of the record and a checksum of that
_TAIL = 4  # a checksum of the record
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def peek_records(shard: Path, numbers: Collection[int]) -> dict[int, bytes]:
    """Records of a TFRecord file by number, 0-based; those beyond its end are left out."""
    found: dict[int, bytes] = {}
    last = max(numbers, default=-1)
    with open(shard, "rb") as file:
        for number in range(last + 1):
            head = file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                break
            (length,) = _HEAD.unpack(head)
            if number in numbers:
                found[number] = _read(file, length)
                file.seek(_TAIL, 1)
            else:
                file.seek(length + _TAIL, 1)
    return found


def peek_features(example: bytes) -> dict[str, list[bytes] | list[float] | list[int]]:
    """Name -> values of a serialized tf.train.Example.

    Raises:
        ValueError: the bytes are no such message.
    """
    found: dict[str, list[bytes] | list[float] | list[int]] = {}
    try:
        for features in _of(example, 1):
            for entry in _of(features, 1):
                name = b"".join(_of(entry, 1)).decode()
                for feature in _of(entry, 2):
                    found[name] = _values(feature)
    except (IndexError, struct.error, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"the record is damaged ({error!r})") from error
    return found


def _read(file: BinaryIO, length: int) -> bytes:
    data = file.read(length)
    if len(data) < length:
        raise ValueError(f"the record should have {length} bytes and has {len(data)}")
    return data


def _values(feature: bytes) -> list[bytes] | list[float] | list[int]:
    """Of a Feature: its bytes_list (field 1), float_list (2) or int64_list (3)."""
    for field, data in _fields(feature):
        assert isinstance(data, bytes)
        if field == 1:
            return list(_of(data, 1))
        packed = b"".join(value for _, value in _fields(data) if isinstance(value, bytes))
        if field == 2:
            return list(struct.unpack(f"<{len(packed) // 4}f", packed))
        if field == 3:
            numbers, at = [], 0
            while at < len(packed):
                number, at = _varint(packed, at)
                numbers.append(number - (1 << 64) if number >> 63 else number)
            return numbers
    return []


def _of(message: bytes, field: int) -> Iterator[bytes]:
    """The values of one field that is of bytes."""
    for number, value in _fields(message):
        if number == field:
            if not isinstance(value, bytes):
                raise TypeError(f"field {field} is a number")
            yield value


def _fields(message: bytes) -> Iterator[tuple[int, bytes | int]]:
    """(number, value) of each field, as protocol buffers are written."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield key >> 3, value
            continue
        if kind == _BYTES:
            size, at = _varint(message, at)
        elif kind in (_FIXED32, _FIXED64):
            size = 4 if kind == _FIXED32 else 8
        else:
            raise ValueError(f"the record has a field of kind {kind}")
        if at + size > len(message):
            raise ValueError("the record ends within a field")
        yield key >> 3, message[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("the record has a number that does not end")
