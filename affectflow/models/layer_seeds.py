"""Seeds of layers, so that equal settings give equal initial weights."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import numpy as np


def layer_seed(seed: int, number: int) -> int:
    """A seed of a layer's own, in [0, 2³¹): equal seeds would make equal-shaped kernels equal.

    Args:
        seed: of the model.
        number: of the layer within the model.
    """
    state = np.random.SeedSequence([seed, number]).generate_state(1)[0]
    return int(state) & 0x7FFFFFFF


def layer_seeds(seed: int, first: int = 1) -> Iterator[int]:
    """The seeds of the layers from ``first`` on, as they are built one after the other."""
    return (layer_seed(seed, number) for number in count(first))
