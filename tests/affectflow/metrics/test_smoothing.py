"""Box smoothing over time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from affectflow.metrics import smooth
from affectflow.metrics.smoothing import RunSmoother


def test_by_hand():
    # Radius 1 over 0 3 6 0: (0+3)/2, (0+3+6)/3, (3+6+0)/3, (6+0)/2.
    values = np.array([[0.0], [3.0], [6.0], [0.0]])
    np.testing.assert_allclose(smooth(values, 1), [[1.5], [3.0], [3.0], [3.0]])


@given(
    arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 3)), elements=st.floats(-1, 1)),
    st.integers(0, 50),
)
def test_is_the_mean_of_the_box(values, radius):
    expected = [
        values[max(t - radius, 0) : t + radius + 1].mean(axis=0) for t in range(len(values))
    ]
    found = smooth(values, radius)
    assert found.shape == values.shape
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_columns_do_not_mix_and_one_axis_will_do():
    values = np.random.default_rng(0).normal(size=(30, 2))
    np.testing.assert_allclose(smooth(values, 4)[:, 1], smooth(values[:, 1], 4))


def test_keeps_float32_and_leaves_its_input_alone():
    values = np.arange(5, dtype=np.float32)[:, None]
    before = values.copy()
    assert smooth(values, 2).dtype == np.float32
    copy = smooth(values, 0)
    copy[:] = 9
    np.testing.assert_array_equal(values, before)
    assert smooth(np.array([1, 2, 4]), 1).dtype == np.float64


def test_a_long_run_keeps_its_digits():
    values = np.full((200_000, 1), 0.1)
    np.testing.assert_allclose(smooth(values, 25), values, atol=1e-13)


def test_refuses():
    with pytest.raises(ValueError, match="radius is -1"):
        smooth(np.zeros((3, 1)), -1)
    with pytest.raises(ValueError, match="single number"):
        smooth(np.float64(1), 1)
    assert smooth(np.zeros((0, 2)), 3).shape == (0, 2)


@given(
    arrays(np.float64, st.tuples(st.integers(1, 60), st.integers(1, 2)), elements=st.floats(-1, 1)),
    st.integers(0, 20),
    st.lists(st.integers(1, 25), min_size=1, max_size=60),
)
def test_in_parts_it_is_the_same(values, radius, lengths):
    smoother, found, start = RunSmoother(radius), [], 0
    for length in lengths:
        if start < len(values):
            found.append(smoother.add(values[start : start + length]))
            start += length
            # As soon as it can be known, and no sooner.
            given_out = sum(map(len, found))
            assert given_out == max(0, min(start, len(values)) - radius)
    taken = values[: min(start, len(values))]
    found.append(smoother.end())
    np.testing.assert_allclose(np.concatenate(found), smooth(taken, radius), atol=1e-12)
    assert smoother.end() is None
