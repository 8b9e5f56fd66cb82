"""Density sampling: which frames to train on, so that no region of the plane drowns the others.

Paper 0, Sec. IV-B2 gives the three subsets and p = 1 - k / M; the exact M are from its published
code. Text and code differ in what is counted. The text removes frames labelled (0, 0) first, and
"then" computes the density. The code's ``get_density`` counts every annotated frame, (0, 0) and
frames without a face included, and (0, 0) is dropped where frames are kept; the whole set keeps
it. What the paper reports is of the code.
"""

from __future__ import annotations

import hashlib
from typing import Literal, get_args

import numpy as np
from pydantic import Field

from affectflow.balance.grid import DensityGrid
from affectflow.settings import Seed, settings

Subset = Literal["all", "max", "mean", "max_mean"]
SUBSETS: tuple[str, ...] = get_args(Subset)
Rule = Literal["paper", "paper_text", "cap"]
RULES: tuple[str, ...] = get_args(Rule)


@settings
class SamplerSettings:
    """How frames are chosen. k is the number of frames in a frame's cell, H the histogram.

    Of the subsets ``max`` is the paper's subset 1, ``mean`` its subset 2 and ``max_mean`` its
    subset 3, which it trains its best models on. The published code has the three without numbers;
    which is which is inferred from their order, the same as in the paper's list.

    ``rule=paper`` is no cap: the densest cells vanish entirely. There H counts every annotated
    training frame, as the paper's code does; by ``paper_text`` and ``cap`` it counts frames that
    can be kept alone, as the paper's text has it.
    """

    subset: Subset = Field(
        default="max_mean",
        description="what M is: max = max(H); mean = mean(H) over all cells, empty ones included;"
        " max_mean = (mean(H) + max(H)) / 2; all = no balancing",
    )
    rule: Rule = Field(
        default="paper",
        description="paper: a frame is kept with p = 1 - k / M, never when k >= M; paper_text: the"
        " same p, of frames that can be kept alone; cap: p = min(1, M / k), about M frames a cell"
        " at most",
    )
    cells: int = Field(
        default=40, ge=1, le=1000, description="cells along each axis (the paper: 40)"
    )
    seed: Seed = Field(default=0, description="another seed, another choice")
    drop_zero: bool = Field(
        default=True,
        description="frames labelled exactly (0, 0) are left out; by rule=paper they are counted"
        " all the same, and subset=all keeps them. Else they are taken like any others",
    )

    @property
    def counts_all(self) -> bool:
        """Whether H counts every annotated frame, also those that cannot be kept."""
        return self.rule == "paper"


def eligible(labels: np.ndarray, settings: SamplerSettings) -> np.ndarray:
    """Which frames balancing may keep.

    Args:
        labels: float [N, 2], valence and arousal; NaN = not annotated.

    Returns:
        bool [N]: annotated, and not exactly (0, 0) where such frames are left out.
    """
    labels = np.asarray(labels)
    annotated = ~np.isnan(labels).any(axis=1)
    if not settings.drop_zero or (settings.counts_all and settings.subset == "all"):
        return annotated
    return annotated & (labels != 0).any(axis=1)


def reckoned(labels: np.ndarray, settings: SamplerSettings) -> np.ndarray:
    """Which frames H counts: bool [N], all annotated ones or those that are ``eligible``."""
    if settings.counts_all:
        return ~np.isnan(np.asarray(labels)).any(axis=1)
    return eligible(labels, settings)


def keep_probability(histogram: np.ndarray, settings: SamplerSettings) -> np.ndarray:
    """The probability with which a frame of each cell is kept.

    Args:
        histogram: int64 [cells, cells], H (see :func:`reckoned`).

    Returns:
        float64 [cells, cells] in [0, 1]; 1 for a cell without frames.

    Raises:
        ValueError: the histogram is of another size than the settings say.
    """
    if histogram.shape != (settings.cells, settings.cells):
        raise ValueError(f"histogram has shape {histogram.shape}, wanted {(settings.cells,) * 2}")
    k = histogram.astype(np.float64)
    if settings.subset == "all" or not k.any():
        return np.ones_like(k)
    m = {"max": k.max(), "mean": k.mean(), "max_mean": (k.mean() + k.max()) / 2}[settings.subset]
    if settings.rule != "cap":
        return np.maximum(1 - k / m, 0)
    return np.minimum(1, m / np.maximum(k, 1))


def uniform(seed: int, video_id: str, frame_index: np.ndarray | int) -> np.ndarray:
    """A number in [0, 1) for each frame, decided by (seed, video_id, frame_index) alone.

    So the same frames are kept whatever the runner, the shards or the order. The number is the
    first 53 bits of blake2b over the three.

    Args:
        frame_index: int64 of any shape.

    Returns:
        float64 of that shape; some million frames a second.
    """
    frames = np.asarray(frame_index, np.int64)
    prefix = hashlib.blake2b(digest_size=8)
    prefix.update(f"{seed}\0{video_id}\0".encode("utf-8", "surrogatepass"))
    raw = frames.astype("<i8").tobytes()
    digests = bytearray()
    for start in range(0, len(raw), 8):
        one = prefix.copy()
        one.update(raw[start : start + 8])
        digests += one.digest()
    bits = np.frombuffer(bytes(digests), "<u8") >> np.uint64(11)
    return (bits * 2.0**-53).reshape(frames.shape)


def keep_mask(
    video_id: str,
    frame_index: np.ndarray,
    labels: np.ndarray,
    probability: np.ndarray,
    settings: SamplerSettings,
) -> np.ndarray:
    """Which frames of a video are kept.

    Args:
        frame_index: int64 [N], 0-based in decode order.
        labels: float [N, 2], valence and arousal; NaN = not annotated.
        probability: float64 [cells, cells] from :func:`keep_probability`.

    Returns:
        bool [N]; a frame that is not ``eligible`` is never kept.
    """
    labels = np.asarray(labels)
    keep = eligible(labels, settings)
    cell = DensityGrid(settings.cells).cell(labels[keep, 0], labels[keep, 1])
    draw = uniform(settings.seed, video_id, np.asarray(frame_index)[keep])
    keep[keep] = draw < np.ravel(probability)[cell]
    return keep
