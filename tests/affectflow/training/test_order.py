"""The order of an epoch depends on seed and epoch, and leaves nothing out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from affectflow.training.order import epoch_batches, epoch_order, epoch_seed


@given(st.integers(1, 50), st.integers(0, 200), st.integers(0, 99), st.integers(0, 99))
def test_every_example_equally_often(count, take, seed, epoch):
    order = epoch_order(count, take, seed, epoch)
    assert order.shape == (take,)
    times = np.bincount(order, minlength=count)
    assert times.max(initial=0) - times.min(initial=take) <= 1
    np.testing.assert_array_equal(order, epoch_order(count, take, seed, epoch))


def test_epochs_and_seeds_differ():
    base = epoch_order(100, 100, 0, 0)
    assert not np.array_equal(base, np.arange(100))
    assert not np.array_equal(base, epoch_order(100, 100, 0, 1))
    assert not np.array_equal(base, epoch_order(100, 100, 1, 0))
    # A second pass is shuffled anew.
    twice = epoch_order(100, 200, 0, 0)
    assert not np.array_equal(twice[:100], twice[100:])
    assert len({epoch_seed(s, e) for s in range(20) for e in range(20)}) == 400


def test_batches():
    assert epoch_batches(10, 4, 0, 0, 0).shape == (2, 4)  # the set once, whole batches
    assert epoch_batches(10, 4, 7, 0, 0).shape == (7, 4)  # more than there is
    assert epoch_batches(3, 4, 0, 0, 0).shape == (1, 3)  # a set smaller than a batch
