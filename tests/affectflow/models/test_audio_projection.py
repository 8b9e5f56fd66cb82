"""The projection of audio features by hand, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from affectflow.models.audio_projection import AudioProjection


def test_scales_and_projects():
    projection = AudioProjection([1.0, 2.0], [2.0, 4.0], [[1.0], [10.0]])
    # (3 − 1) / 2 · 1 + (10 − 2) / 4 · 10
    np.testing.assert_array_equal(projection(np.array([[3.0, 10.0]])), [[21.0]])


@pytest.mark.parametrize(
    ("mean", "scale", "matrix", "message"),
    [
        ([0.0], [1.0, 1.0], [[1.0], [1.0]], "shapes"),
        ([0.0, 0.0], [1.0, 1.0], [1.0, 1.0], "shapes"),
        ([0.0], [0.0], [[1.0]], "above 0"),
        ([np.nan], [1.0], [[1.0]], "mean .* not finite"),
    ],
)
def test_refuses_what_cannot_be(mean, scale, matrix, message):
    with pytest.raises(ValueError, match=message):
        AudioProjection(mean, scale, matrix)
