"""CCC against values worked out by hand and against its own laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from affectflow.metrics import CoMoments, ccc, pearson, rmse

numbers = st.floats(-1, 1, allow_nan=False, width=32)


@st.composite
def pairs(draw, low=2, high=60):
    n = draw(st.integers(low, high))
    return draw(arrays(np.float64, n, elements=numbers)), draw(
        arrays(np.float64, n, elements=numbers)
    )


def test_by_hand():
    # x: mean 2, variance 2/3; y: mean 3, variance 2/3; covariance 2/3:
    # CCC = 2·(2/3) / (2/3 + 2/3 + 1) = 4/7; r = 1; every difference is 1.
    x, y = [1.0, 2.0, 3.0], [2.0, 3.0, 4.0]
    assert ccc(x, y) == pytest.approx(4 / 7, abs=1e-15)
    assert pearson(x, y) == pytest.approx(1.0, abs=1e-15)
    assert rmse(x, y) == pytest.approx(1.0, abs=1e-15)


def test_by_hand_scaled_and_reversed():
    # y = −2x about 0: var_x 2/3, var_y 8/3, cov −4/3: CCC = −(8/3)/(10/3) = −.8.
    assert ccc([-1, 0, 1], [2, 0, -2]) == pytest.approx(-0.8, abs=1e-15)


@given(pairs(), st.data())
def test_merged_moments_are_those_of_the_whole(xy, data):
    x, y = xy
    cuts = sorted(data.draw(st.lists(st.integers(0, len(x)), max_size=4)))
    parts = zip(np.split(x, cuts), np.split(y, cuts))
    merged = sum((CoMoments.of(a, b) for a, b in parts), CoMoments())
    whole = CoMoments.of(x, y)
    assert merged.n == whole.n
    for name in ("mean_x", "mean_y", "m_xx", "m_yy", "c_xy"):
        assert getattr(merged, name) == pytest.approx(getattr(whole, name), abs=1e-12)


@given(pairs())
def test_symmetric(xy):
    x, y = xy
    assert ccc(x, y) == pytest.approx(ccc(y, x), abs=1e-12, nan_ok=True)


@given(pairs())
def test_never_beyond_pearson(xy):
    x, y = xy
    assume(np.std(x) > 1e-3 and np.std(y) > 1e-3)
    assert abs(ccc(x, y)) <= abs(pearson(x, y)) + 1e-12


@given(pairs(), st.floats(0.01, 10))
def test_a_shift_lowers_agreement_with_itself(xy, shift):
    x, _ = xy
    assume(np.std(x) > 1e-3)
    assert ccc(x, x) == 1.0
    assert ccc(x, x + shift) < 1.0
    assert pearson(x, x + shift) == pytest.approx(1.0, abs=1e-9)


@given(pairs(), st.floats(-0.5, 0.5))
def test_matches_the_formula_in_plain_numpy(xy, shift):
    x, y = xy[0], xy[1] + shift
    assume(np.var(x) + np.var(y) > 1e-6)
    expected = (
        2 * np.cov(x, y, bias=True)[0, 1] / (np.var(x) + np.var(y) + (x.mean() - y.mean()) ** 2)
    )
    assert ccc(x, y) == pytest.approx(expected, abs=1e-9)
    assert rmse(x, y) == pytest.approx(np.sqrt(np.mean((x - y) ** 2)), abs=1e-7)


def test_small_variance_beside_a_large_mean_does_not_cancel():
    # Sums of squares of values near 1e6 hold no digit of a variance of 1e-8.
    x = np.array([0.0, 1e-4, 2e-4, 3e-4])
    assert pearson(x + 1e6, x[::-1] + 1e6) == pytest.approx(-1.0, abs=1e-4)
    halves = CoMoments.of(x[:2] + 1e6, x[:2] + 1e6) + CoMoments.of(x[2:] + 1e6, x[2:] + 1e6)
    assert halves.m_xx == pytest.approx(np.sum((x - x.mean()) ** 2), rel=1e-4)


def test_without_variance():
    assert math.isnan(ccc([0.1] * 3, [0.1] * 3))  # 0/0
    assert ccc([0.1] * 3, [0.2] * 3) == 0.0
    assert ccc([0.1] * 3, [0.1, 0.2, 0.3]) == 0.0
    assert math.isnan(pearson([0.1] * 3, [0.1, 0.2, 0.3]))
    assert rmse([0.1] * 3, [0.1] * 3) == 0.0


def test_empty_and_nan():
    empty = CoMoments.of([], [])
    assert empty == CoMoments()
    assert all(math.isnan(v) for v in (empty.ccc(), empty.pearson(), empty.rmse()))
    one = CoMoments.of([0.5, 0.1], [0.5, 0.3])
    assert empty + one == one + empty == one
    assert all(math.isnan(v) for v in (ccc([1, math.nan], [1, 2]), rmse([1, math.nan], [1, 2])))


def test_shapes_must_match():
    with pytest.raises(ValueError, match=r"\(2,\) and \(3,\)"):
        CoMoments.of([1, 2], [1, 2, 3])
    with pytest.raises(TypeError):
        CoMoments() + 1
