from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from affectflow.synth.photograph import CANVAS, TEXELS, grid, polygon, texel
from affectflow.synth.warp import bend, blob, inverse


@settings(max_examples=25, deadline=None)
@given(
    dx=st.floats(-6, 6),
    dy=st.floats(-6, 6),
    sigma=st.floats(10, 25),
    step=st.sampled_from([1.0, 2.0]),
)
def test_what_moved_is_found_where_it_came_from(
    dx: float, dy: float, sigma: float, step: float
) -> None:
    area = (0.0, 0.0, 120.0, 120.0)
    at = grid(step, area)
    displacement = (blob(at, np.array((60.0, 60.0)), sigma)[..., None] * (dx, dy)).astype(
        np.float32
    )
    back = inverse(displacement, step, rounds=30)
    # Inside, so that the border's replication plays no part. Material at q = p + back moves to p.
    found = at + back
    moved = found + blob(found, np.array((60.0, 60.0)), sigma)[..., None] * (dx, dy)
    margin = slice(round(10 / step), round(-10 / step))
    # Linear interpolation of a Gaussian between samples errs by up to step^2 / (8 sigma^2) of it.
    assert np.abs(moved - at)[margin, margin].max() < 0.1


def test_bend_moves_a_spot_by_the_displacement() -> None:
    spot = np.zeros((CANVAS[3] * TEXELS, CANVAS[2] * TEXELS), np.uint8)
    cv2.circle(spot, tuple(int(v) for v in np.round(texel(np.array((200.0, 150.0))))), 4, 255, -1)
    displacement = np.zeros((*grid(4.0).shape[:2], 2), np.float32)
    displacement[...] = (8.0, -4.0)
    rows, columns = np.nonzero(bend(spot, displacement, 4.0) > 128)
    assert (
        np.abs(np.array((columns.mean(), rows.mean())) - texel(np.array((208.0, 146.0)))).max()
        < 0.6
    )


def test_units_and_texels_agree() -> None:
    # The canvas' first unit is the mean of its first TEXELS texels: centre at (TEXELS - 1) / 2.
    assert texel(np.array(CANVAS[:2], float)).tolist() == [(TEXELS - 1) / 2] * 2
    assert np.allclose(texel(grid())[3, 5], (5, 3))
    square = np.array([(100.0, 100.0), (140.0, 100.0), (140.0, 120.0), (100.0, 120.0)])
    mask = polygon(square, blur=0.3) > 128
    assert (
        abs(mask.sum() / TEXELS**2 - 41 * 21) < 45
    )  # 40 x 20 between centres, half a unit each side
