"""The order of examples in an epoch: a function of (seed, epoch) and nothing else.

Whatever ran before, epoch e sees the same examples in the same order, so that a training that was
killed and resumed is the training that was not killed.
"""

from __future__ import annotations

import numpy as np


def epoch_seed(seed: int, epoch: int) -> int:
    """A seed for one epoch, in [0, 2³¹), unrelated to that of its neighbours."""
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0] >> 1)


def epoch_order(count: int, take: int, seed: int, epoch: int) -> np.ndarray:
    """Which examples an epoch takes, shuffled.

    Args:
        count: examples that there are, 1 or more.
        take: examples wanted. Fewer than ``count`` are a random sample without replacement; more
            go through all of them again, shuffled anew each time.
        seed, epoch: what the order depends on.

    Returns:
        int64 [take], values in [0, count).
    """
    rng = np.random.Generator(np.random.PCG64([seed, epoch]))
    passes = [rng.permutation(count) for _ in range(-(-take // count))]
    return np.concatenate(passes)[:take] if passes else np.zeros(0, np.int64)


def epoch_steps(count: int, batch_size: int, steps: int) -> int:
    """Batches of an epoch: ``steps``, or for 0 as many whole ones as ``count`` examples give."""
    return steps or count // min(batch_size, count)


def epoch_batches(count: int, batch_size: int, steps: int, seed: int, epoch: int) -> np.ndarray:
    """The epoch's order cut into batches of one size.

    Args:
        count: examples that there are, 1 or more.
        batch_size: examples a batch; a smaller set gives batches of its own size.
        steps: batches wanted; 0 = as many whole batches as the set has.
        seed, epoch: what the order depends on.

    Returns:
        int64 [steps, batch].
    """
    batch = min(batch_size, count)
    steps = epoch_steps(count, batch_size, steps)
    return epoch_order(count, steps * batch, seed, epoch).reshape(steps, batch)
