from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.emotions import EMOTIONS, nearest_emotion


@pytest.mark.parametrize(
    ("valence", "arousal", "emotion"),
    # Paper 1, Table 2: a point of the table is its own nearest; the others by hand.
    [(-0.4, 0.8, "anger"), (0.95, 0.12, "joy"), (0.1, 0.1, "neutral"),
     (-0.4, -0.7, "embarrassment"),
     (-0.45, -0.8, "sadness")],
)  # fmt: skip
def test_by_hand(valence, arousal, emotion):
    assert nearest_emotion(valence, arousal) == emotion


def test_unknown_values_have_no_name():
    assert nearest_emotion(math.nan, 0.1) == nearest_emotion(0.1, math.nan) == ""


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_none_is_nearer(valence, arousal):
    found = EMOTIONS[nearest_emotion(valence, arousal)]
    assert all(
        math.dist(found, (valence, arousal)) <= math.dist(point, (valence, arousal))
        for point in EMOTIONS.values()
    )
