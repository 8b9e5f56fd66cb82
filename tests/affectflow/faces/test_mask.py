"""The masked crop: black beyond the face, the same face within, whatever came before."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.data import astronaut

from affectflow.faces.align import TEMPLATE_112, align_face
from affectflow.faces.detectors import create_detector
from affectflow.faces.mask import FaceMask, ellipse, hull
from affectflow.faces.settings import FaceSettings


@pytest.fixture(scope="module")
def mask():
    built = FaceMask()
    yield built
    built.close()


@pytest.fixture(scope="module")
def crop() -> np.ndarray:
    """The astronaut's face, aligned: uint8 [112, 112, 3]."""
    detector = create_detector(FaceSettings())
    face = detector.detect(astronaut())[0]
    detector.close()
    return align_face(astronaut(), face, 112)


@pytest.mark.parametrize("size", [48, 112])
def test_what_is_kept_is_the_face_as_it_was(mask, crop, size):
    image = cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA)
    masked = mask(image)
    kept = masked.any(axis=2)
    np.testing.assert_array_equal(masked[kept], image[kept])
    scale = size / 112
    for x, y in TEMPLATE_112 * scale:
        assert kept[int(y), int(x)]
    # Hair, ears and the wall are gone; of the crop a half is face, more or less.
    assert not kept[: int(15 * scale)].any()
    assert not kept[:, : int(10 * scale)].any()
    assert not kept[:, -int(10 * scale) :].any()
    assert 0.35 < kept.mean() < 0.65


def test_a_crop_is_masked_alike_whatever_came_before(mask, crop):
    first = mask(crop)
    mask(np.roll(crop, 9, axis=1))
    mask(np.zeros_like(crop))
    np.testing.assert_array_equal(mask(crop), first)
    other = FaceMask()
    np.testing.assert_array_equal(other(crop), first)
    other.close()


def test_the_ellipse_where_no_face_is_seen(mask, crop):
    nothing = np.full((112, 112, 3), 90, np.uint8)
    assert mask.outline(nothing) is None
    np.testing.assert_array_equal(mask(nothing)[..., 0], np.where(ellipse(112), 90, 0))
    # It lies where the mesh has a face that is seen.
    seen = hull(mask.outline(crop), 112)
    shared = (seen & ellipse(112)).sum() / (seen | ellipse(112)).sum()
    assert shared > 0.85


@pytest.mark.parametrize("size", [48, 112, 224])
def test_the_ellipse_grows_with_the_crop(size):
    # Half axes of 40 and 50 pixels of 112; its lowest 5.5 rows are beyond the crop.
    whole = np.pi * 40 * 50 / 112**2
    assert 0.95 * whole < ellipse(size).mean() < whole
    for x, y in TEMPLATE_112 * (size / 112):
        assert ellipse(size)[int(y), int(x)]


@given(st.floats(-20, 60), st.floats(-20, 60), st.floats(4, 40), st.integers(5, 36))
def test_the_hull_of_points_on_a_circle_may_reach_beyond_the_crop(x, y, radius, count):
    angle = np.arange(count) * (2 * np.pi / count)
    points = np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1)
    inside = hull(points, 40)
    row, column = np.mgrid[:40, :40] + 0.5
    away = np.hypot(column - x, row - y)
    assert not inside[away > radius + 1.5].any()
    assert inside[away < radius * np.cos(np.pi / count) - 1.5].all()


def test_the_hull_of_a_square():
    corners = np.array([[10, 5], [30, 5], [30, 20], [10, 20]], float)
    inside = hull(corners, 40)
    assert inside[6:19, 11:29].all()
    assert not inside[:4].any()
    assert not inside[22:].any()
    assert not inside[:, :9].any()
    assert not inside[:, 32:].any()
