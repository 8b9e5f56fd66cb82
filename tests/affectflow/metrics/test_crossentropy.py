from __future__ import annotations

import math

import numpy as np
import pytest

from affectflow.metrics import crossentropy


def test_by_hand():
    # −(ln .5 + ln .2) / 2.
    found = crossentropy(np.array([0, 2]), np.float32([[0.5, 0.3, 0.2], [0.7, 0.1, 0.2]]))
    assert found == pytest.approx((math.log(2) + math.log(5)) / 2, rel=1e-6)


def test_what_was_thought_impossible_costs_much_and_not_all():
    assert crossentropy(np.array([1]), np.float32([[1, 0]])) == pytest.approx(7 * math.log(10))


def test_of_no_sample_there_is_none():
    assert math.isnan(crossentropy(np.zeros(0, int), np.zeros((0, 3))))
