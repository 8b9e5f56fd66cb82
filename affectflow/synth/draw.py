"""Random draws that depend on what is drawn, not on when: one generator a (seed, name...)."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, *what: str | int) -> np.random.Generator:
    """A PCG64 generator for one purpose, e.g. ``generator(0, "subject", 3)``."""
    text = "/".join(str(part) for part in (seed, *what))
    return np.random.Generator(
        np.random.PCG64(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big"))
    )
