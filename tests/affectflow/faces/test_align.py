from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.faces.align import TEMPLATE_112, align_face, similarity, template
from affectflow.faces.face import Face

angles = st.floats(-math.pi, math.pi)
scales = st.floats(0.05, 20)
shifts = st.floats(-2000, 2000)
jitter = st.lists(st.floats(-15, 15), min_size=10, max_size=10)


def matrix(angle: float, scale: float, dx: float, dy: float) -> np.ndarray:
    a, b = scale * math.cos(angle), scale * math.sin(angle)
    return np.array([[a, -b, dx], [b, a, dy]])


def apply(m: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ m[:, :2].T + m[:, 2]


@given(angles, scales, shifts, shifts)
def test_any_similarity_is_recovered(angle, scale, dx, dy):
    moved = apply(matrix(angle, scale, dx, dy), TEMPLATE_112)
    np.testing.assert_allclose(apply(similarity(moved, 112), moved), TEMPLATE_112, atol=1e-6)


@given(angles, scales, jitter)
def test_never_a_reflection_and_always_a_similarity(angle, scale, noise):
    points = apply(matrix(angle, scale, 0, 0), TEMPLATE_112 + np.reshape(noise, (5, 2)))
    linear = similarity(points, 112)[:, :2]
    assert np.linalg.det(linear) > 0
    # Orthogonal up to its scale: the columns are as long as each other and at right angles.
    assert linear[0, 0] == pytest.approx(linear[1, 1])
    assert linear[0, 1] == pytest.approx(-linear[1, 0])


def test_mirrored_points_do_not_bring_a_reflection():
    mirrored = TEMPLATE_112 * (-1, 1)
    assert np.linalg.det(similarity(mirrored, 112)[:, :2]) > 0


@given(angles, scales, jitter, st.integers(32, 512))
def test_the_crop_s_size_scales_the_matrix(angle, scale, noise, size):
    points = apply(matrix(angle, scale, 5, 7), TEMPLATE_112 + np.reshape(noise, (5, 2)))
    expected = similarity(points, 112) * (size / 112)
    np.testing.assert_allclose(similarity(points, size), expected, rtol=1e-9, atol=1e-9)


@given(angles, jitter, st.floats(0.1, 10))
def test_scaling_the_frame_scales_back(angle, noise, factor):
    points = apply(matrix(angle, 2, 5, 7), TEMPLATE_112 + np.reshape(noise, (5, 2)))
    np.testing.assert_allclose(
        apply(similarity(points * factor, 112), points * factor),
        apply(similarity(points, 112), points),
        atol=1e-6,
    )


@given(jitter, st.lists(st.floats(-0.05, 0.05), min_size=4, max_size=4))
def test_no_other_similarity_fits_better(noise, step):
    points = TEMPLATE_112 + np.reshape(noise, (5, 2))
    best = similarity(points, 112)
    a, b, dx, dy = step
    other = best + np.array([[a, -b, dx], [b, a, dy]])

    def error(m: np.ndarray) -> float:
        return float(((apply(m, points) - TEMPLATE_112) ** 2).sum())

    assert error(best) <= error(other) + 1e-9


@pytest.mark.parametrize(
    "points", [np.zeros((5, 2)), np.full((5, 2), 9e4), np.full((5, 2), np.nan), np.zeros((4, 2))]
)
def test_points_that_decide_nothing_are_refused(points):
    with pytest.raises(ValueError, match=r"one place|shape"):
        similarity(points, 112)


def face_at(points_px: np.ndarray, width: int, height: int) -> Face:
    return Face((0, 0, 1, 1), (points_px / (width, height)).astype(np.float32), 1.0)


def test_points_in_place_leave_the_picture_as_it_is():
    rgb = np.random.Generator(np.random.PCG64(1)).integers(0, 256, (112, 112, 3), np.uint8)
    out = align_face(rgb, face_at(TEMPLATE_112, 112, 112), 112)
    assert np.abs(out.astype(int) - rgb).max() <= 2
    assert out.dtype == np.uint8


@pytest.mark.parametrize("scale", [0.7, 1.6, 2.0, 3.3, 5.0])
@pytest.mark.parametrize("angle", [0.0, 0.5, -2.0])
def test_marks_drawn_on_the_landmarks_come_out_on_the_template(scale, angle):
    m = matrix(angle, scale, 0, 0)
    points = apply(m, TEMPLATE_112)
    points += (400, 400) - points.mean(0)
    yy, xx = np.mgrid[0:800, 0:800]
    sigma = 2.5 * scale
    field = sum(np.exp(-((xx - x) ** 2 + (yy - y) ** 2) / (2 * sigma**2)) for x, y in points)
    rgb = np.repeat((field * 250).clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)
    out = align_face(rgb, face_at(points, 800, 800), 112)[..., 0].astype(float)
    yy, xx = np.mgrid[0:112, 0:112]
    for x, y in template(112):
        near = np.where((xx - x) ** 2 + (yy - y) ** 2 < 8**2, out, 0)
        centre = (near * xx).sum() / near.sum(), (near * yy).sum() / near.sum()
        # A quarter of a pixel: half the error that forgetting pixel centres would give at 2x.
        assert centre == pytest.approx((x, y), abs=0.25)


def test_fine_texture_is_averaged_not_sampled():
    # A checkerboard of single pixels at five times the crop's scale has the mean 127 everywhere.
    board = (np.indices((700, 700)).sum(0) % 2 * 255).astype(np.uint8)
    rgb = np.repeat(board[..., None], 3, axis=2)
    out = align_face(rgb, face_at(TEMPLATE_112 * 5 + 50, 700, 700), 112)
    assert np.abs(out[10:100, 10:100].astype(int) - 127).max() < 20


def test_beyond_the_frame_is_black():
    rgb = np.full((200, 200, 3), 200, np.uint8)
    out = align_face(rgb, face_at(TEMPLATE_112 + (-56, 0), 200, 200), 112)
    assert (out[:, :50] == 0).all()
    assert (out[5:, 60:] == 200).all()


def test_far_outside_is_all_black():
    rgb = np.full((100, 100, 3), 200, np.uint8)
    for shift in (-9000, 9000):
        assert not align_face(rgb, face_at(TEMPLATE_112 * 4 + shift, 100, 100), 112).any()
