"""Mean and interquartile range of seeded runs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.metrics import mean_and_iqr

shares = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def test_five_runs_by_hand():
    # Sorted .50 .54 .58 .60 .68: the mean is 2.90/5; the quartiles of five values stand at
    # positions 1 and 3, .54 and .60.
    mean, iqr = mean_and_iqr([0.58, 0.50, 0.68, 0.54, 0.60])
    assert mean == pytest.approx(0.58, abs=1e-15)
    assert iqr == pytest.approx(0.06, abs=1e-15)


def test_quartiles_between_values():
    # Of four values they stand at positions .75 and 2.25: 0 + .75·1 and 2 + .25·4 = .75 and 3.
    mean, iqr = mean_and_iqr(np.array([6.0, 0.0, 2.0, 1.0]))
    assert mean == pytest.approx(9 / 4, abs=1e-15)
    assert iqr == pytest.approx(2.25, abs=1e-15)


def test_one_run_has_no_spread():
    assert mean_and_iqr([0.44]) == (0.44, 0.0)


def test_a_run_without_a_value_leaves_none():
    assert all(math.isnan(value) for value in mean_and_iqr([0.4, math.nan, 0.5, 0.6, 0.7]))


@pytest.mark.parametrize("values", [[], [[0.4, 0.5]]])
def test_values_must_be_one_for_each_run(values):
    with pytest.raises(ValueError, match="a number for each run would do"):
        mean_and_iqr(values)


@given(shares, st.floats(-1, 1), st.randoms(use_true_random=False))
def test_laws(values, shift, random):
    mean, iqr = mean_and_iqr(values)
    assert min(values) - 1e-12 <= mean <= max(values) + 1e-12
    assert 0 <= iqr <= max(values) - min(values) + 1e-12
    random.shuffle(values)
    assert mean_and_iqr(values) == pytest.approx((mean, iqr), abs=1e-12)
    moved = mean_and_iqr([value + shift for value in values])
    assert moved == pytest.approx((mean + shift, iqr), abs=1e-12)
