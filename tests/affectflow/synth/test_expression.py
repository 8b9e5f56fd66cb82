from __future__ import annotations

from dataclasses import astuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from affectflow.synth.expression import express

affect = st.floats(-1.3, 1.3)


@given(affect, affect, affect)
def test_valence_lifts_the_corners_and_arousal_opens_the_face(
    v: float, low: float, high: float
) -> None:
    low, high = sorted((low, high))
    calm, aroused = express(v, low), express(v, high)
    assert calm.brows <= aroused.brows
    assert calm.lids <= aroused.lids
    assert calm.jaw <= aroused.jaw
    gloomy, glad = express(low, v), express(high, v)
    assert gloomy.smile_left <= glad.smile_left
    assert gloomy.knit >= glad.knit
    assert gloomy.part <= glad.part


@given(affect, affect, st.floats(-0.3, 0.3), st.floats(0, 1), st.floats(0, 0.4))
def test_what_has_a_range_stays_in_it(
    v: float, a: float, skew: float, blink: float, speech: float
) -> None:
    action = express(v, a, skew, blink, speech)
    assert -1 <= action.lids <= 1
    assert 0 <= action.jaw <= 1
    assert 0 <= action.part <= 1
    assert np.isfinite(astuple(action)).all()


def test_a_blink_shuts_the_lids_however_wide_they_were() -> None:
    assert express(0.2, 1.0, blink=1.0).lids == -1.0
    assert express(0.2, 1.0).lids > 0.7


def test_skew_lifts_the_left_corner_more() -> None:
    action = express(0.5, 0.0, skew=0.2)
    assert np.isclose(action.smile_left - action.smile_right, 0.2)
