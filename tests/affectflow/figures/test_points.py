from __future__ import annotations

import numpy as np

from affectflow.figures.points import one_a_cell, stretches, with_gaps

NAN = np.nan


def test_one_point_of_a_square_stays():
    x = np.array([0.01, 0.02, NAN, -0.01, 0.19, 0.01])
    y = np.array([0.01, 0.02, 0.01, 0.01, 0.01, NAN])

    assert one_a_cell(x, y, 0.1).tolist() == [0, 3, 4]


def test_few_values_are_left_alone():
    x, series = stretches(np.arange(3), np.array([[1, NAN, 3]]), 3)

    np.testing.assert_array_equal(x, [0, 1, 2])
    np.testing.assert_array_equal(series, [[1, NAN, 3]])


def test_a_stretch_is_the_mean_of_what_it_has():
    values = np.array([[1, 3, NAN, 5, NAN, NAN, 7, 9]], float)
    x, series = stretches(np.arange(8.0), values, 4)

    np.testing.assert_array_equal(x, [0.5, 2.5, 4.5, 6.5])
    np.testing.assert_array_equal(series, [[2, 5, NAN, 8]])


def test_a_long_pause_is_a_gap_before_and_after_shortening():
    x = np.concatenate([np.arange(50.0), np.arange(150.0, 200.0)])
    series = np.ones((1, 100))
    for most in (100, 20):
        gapped, values = with_gaps(*stretches(x, series, most))
        assert np.isnan(gapped).sum() == 1
        assert np.isnan(values).sum() == 1


def test_no_value_and_one_have_no_gap():
    for n in (0, 1):
        x, series = with_gaps(np.arange(n), np.ones((2, n)))
        assert x.shape == (n,)
        assert series.shape == (2, n)
