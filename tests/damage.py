"""Files damaged at random, as disks, lines and cards leave them."""

from __future__ import annotations

import numpy as np


def damaged(data: bytes, rng: np.random.Generator, begin: float = 0.0, end: float = 1.0) -> bytes:
    """A copy of a file with bits flipped, or a range zeroed, cut out or made noise.

    Args:
        begin, end: where the damage begins, as shares of the file.
    """
    copy, size = bytearray(data), len(data)
    low, high = int(size * begin), max(int(size * begin) + 1, int(size * end))
    at = int(rng.integers(low, high))
    length = int(2 ** rng.uniform(0, np.log2(max(2, size / 5))))
    kind = rng.choice(["bit", "bits", "zeros", "cut", "noise"])
    if kind == "bit":
        copy[at] ^= 1 << int(rng.integers(8))
    elif kind == "bits":
        for place in rng.integers(low, high, int(rng.integers(2, 30))):
            copy[place] ^= 1 << int(rng.integers(8))
    elif kind == "zeros":
        copy[at : at + length] = bytes(len(copy[at : at + length]))
    elif kind == "cut":
        del copy[at : at + length]
    else:
        copy[at : at + length] = rng.bytes(len(copy[at : at + length]))
    return bytes(copy)


def nicked(
    data: bytes, draw: np.random.Generator, at: int | None = None, other: bytes = b""
) -> bytes:
    """A copy of a file with a bit flipped, or up to 63 bytes changed, cut out or exchanged.

    Args:
        at: where; None = anywhere. An empty file gets bytes.
        other: a file whose bytes at the same place are exchanged for its own; b"" = none are.
    """
    copy = bytearray(data)
    if at is None:
        at = int(draw.integers(max(len(copy), 1)))
    length = int(draw.integers(1, 64))
    match draw.integers(4 if other else 3) if copy else 1:
        case 0:
            copy[at] ^= 1 << int(draw.integers(8))
        case 1:
            copy[at : at + length] = draw.bytes(length)
        case 2:
            del copy[at : at + length]
        case _:
            copy[at : at + length] = other[at : at + length]
    return bytes(copy)
