from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.predict.annotated.fit import fit
from affectflow.predict.rows import PersonPrediction

sides = st.integers(1, 200)


def person(box) -> PersonPrediction:
    return PersonPrediction(1, box, 0.9, 0.1, 0.2)


def test_the_same_size_is_left_alone():
    image = np.zeros((48, 64, 3), np.uint8)
    shown, people = fit(image, (person((0.1, 0.2, 0.3, 0.4)),), (64, 48))
    assert shown is image
    assert people == (person((0.1, 0.2, 0.3, 0.4)),)


def test_a_turned_picture_stands_in_the_middle_with_its_boxes():
    # 36x64 into 64x36: as high as it fits it is 20.25 wide, from column 22 on.
    shown, (one, away) = fit(
        np.full((64, 36, 3), 200, np.uint8), (person((0, 0.25, 1, 0.5)), person(None)), (64, 36)
    )
    assert shown.shape == (36, 64, 3)
    assert (shown[:, 22:42] == 200).all()
    assert (shown[:, :22] == 0).all()
    assert (shown[:, 42:] == 0).all()
    assert one.box == pytest.approx((22 / 64, 0.25, 20 / 64, 0.5))
    assert away.box is None
    assert math.isclose(one.valence, 0.1)


@given(sides, sides, sides, sides)
def test_nothing_is_squeezed_or_cut(width, height, to_width, to_height):
    image = np.full((height, width, 3), 255, np.uint8)
    shown, (one,) = fit(image, (person((0.0, 0.0, 1.0, 1.0)),), (to_width, to_height))
    assert shown.shape == (to_height, to_width, 3)
    x, y, w, h = (part * side for part, side in zip(one.box, (to_width, to_height) * 2))
    seen = np.argwhere(shown[..., 0] > 127)
    assert seen.min(0).tolist() == pytest.approx([y, x])
    assert (seen.max(0) + 1).tolist() == pytest.approx([y + h, x + w])
    # One side fills the room, the other keeps the shape to a pixel.
    scale = min(to_width / width, to_height / height)
    assert abs(w - max(1, width * scale)) <= 0.5 + 1e-9
    assert abs(h - max(1, height * scale)) <= 0.5 + 1e-9
