"""Levelling by the eyes: which boxes they are, how far is turned, and a face that comes level."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.data import astronaut

from affectflow.faces.level import MAX_DEGREES, Leveller, rotated, tilt, two_eyes


@pytest.fixture(scope="module")
def leveller():
    built = Leveller()
    yield built
    built.close()


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    """The astronaut's face alone, uint8 [160, 160, 3]."""
    return np.ascontiguousarray(astronaut()[30:190, 140:300])


# Her eyes as read off the photograph, (203, 101) and (246, 104): the line falls by 4 degrees.
TILT = math.degrees(math.atan(3 / 43))


places = st.tuples(st.floats(0, 1000), st.floats(0, 1000))


@given(places, places)
def test_the_rotation_is_capped(left, right):
    degrees = tilt((left, right))
    assert -MAX_DEGREES <= degrees <= MAX_DEGREES == 10
    exact = math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))
    if abs(exact) <= 10:
        assert degrees == exact
    else:
        assert degrees == math.copysign(10, exact)


boxes = st.lists(st.tuples(*[st.integers(0, 100)] * 2, *[st.integers(1, 40)] * 2).map(list))


@given(boxes)
def test_the_eyes_are_the_largest_in_the_upper_half_on_either_side(found):
    eyes = two_eyes(found, 120, 100)
    upper = [(w * h, x + w / 2, y + h / 2) for x, y, w, h in found if y + h / 2 < 50]
    sides = [[b for b in upper if b[1] < 60], [b for b in upper if b[1] > 60]]
    if not all(sides):
        assert eyes is None
        return
    for (x, y), side in zip(eyes, sides, strict=True):
        assert (max(side)[0], x, y) in side
    assert two_eyes(found[::-1], 120, 100) == eyes


def test_by_hand():
    # A mouth that is larger than either eye, and a second, smaller box on the left eye.
    found = [[20, 30, 20, 20], [22, 34, 10, 10], [70, 26, 20, 20], [30, 70, 40, 40]]
    assert two_eyes(found, 110, 120) == ((30, 40), (80, 36))
    # The right one is 4 pixels higher, 50 away.
    assert tilt(((30, 40), (80, 36))) == pytest.approx(-math.degrees(math.atan(4 / 50)))


@pytest.mark.parametrize("degrees", [-3, 0, 4, 8, 12])
@pytest.mark.parametrize("size", [64, 100, 160])
def test_a_face_comes_level(leveller, face, degrees, size):
    turned = cv2.resize(rotated(face, degrees), (size, size), interpolation=cv2.INTER_AREA)
    # The cascade's boxes give the angle to a degree or so.
    found = tilt(leveller.eyes(turned))
    assert found == pytest.approx(TILT - degrees, abs=1.5)
    level = leveller(turned)
    assert level.shape == turned.shape
    np.testing.assert_array_equal(level, rotated(turned, found))
    if abs(TILT - degrees) > 3:
        assert abs(tilt(leveller.eyes(level))) < abs(found) / 2


def test_a_face_that_lies_is_turned_by_ten_degrees_alone(leveller, face):
    lying = rotated(face, -9)
    assert tilt(leveller.eyes(lying)) == 10
    np.testing.assert_array_equal(leveller(lying), rotated(lying, 10))


def test_without_eyes_nothing_is_turned(leveller):
    for image in (np.zeros((40, 60, 3), np.uint8), np.full((9, 7, 3), 200, np.uint8)):
        assert leveller.eyes(image) is None
        assert leveller(image) is image


def test_turning_is_about_the_middle_and_counter_clockwise():
    image = np.zeros((21, 31, 3), np.uint8)
    image[10, 15] = 200
    image[10, 27] = 100
    turned = rotated(image, 10)
    assert turned[10, 15, 0] == 200
    # 12 pixels to the right of the middle, now 12 sin 10° = 2 higher.
    assert turned[8, 27, 0] > 50
    assert turned.shape == image.shape
