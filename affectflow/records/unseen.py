"""Labels of training frames in which no face was found: what no record of `frames` can tell.

Paper 0's published code counts every annotated frame for its density, faces or not
(``affectflow.balance``), so the ingest notes where in the plane those lie that it has no crop of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from affectflow.npz import load_npz

UNSEEN_FILE = "unseen.npz"

Points = tuple[tuple[float, float, int], ...]
"""(valence, arousal, frames), each point once: annotations have few decimals."""


def points_of(values: np.ndarray) -> Points:
    """The points of some frames: float [N, 2], valence and arousal without NaN."""
    unique, frames = np.unique(np.asarray(values, np.float32), axis=0, return_counts=True)
    return tuple((v, a, n) for (v, a), n in zip(unique.tolist(), frames.tolist()))


def save_unseen(folder: str | Path, clips: Iterable[Points]) -> None:
    """Writes ``unseen.npz``: the points of all clips, beside the accounts of their frames."""
    frames: Counter[tuple[float, float]] = Counter()
    for points in clips:
        for valence, arousal, number in points:
            frames[valence, arousal] += number
    places = sorted(frames)
    np.savez_compressed(
        Path(folder, UNSEEN_FILE),
        values=np.array(places, np.float32).reshape(-1, 2),
        frames=np.array([frames[place] for place in places], np.int64),
    )


def load_unseen(folder: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Valence and arousal, float32 [P, 2], and how many frames have them, int64 [P]."""
    saved = load_npz(Path(folder, UNSEEN_FILE))
    return saved["values"], saved["frames"]
