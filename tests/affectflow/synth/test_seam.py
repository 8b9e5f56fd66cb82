from __future__ import annotations

import numpy as np
import pytest

from affectflow.synth.seam import Seam

# A diamond: corners at (100, 150) and (120, 150), 4 above and 6 below in the middle.
DIAMOND = (
    np.array([(100.0, 150.0), (110.0, 146.0), (120.0, 150.0)]),
    np.array([(100.0, 150.0), (110.0, 156.0), (120.0, 150.0)]),
)


def test_the_gap_is_as_high_as_the_opening_and_closed_beside_it() -> None:
    seam = Seam.through(DIAMOND)
    x = np.array([90.0, 100.0, 105.0, 110.0, 120.0, 130.0])
    assert seam.gap(x) == pytest.approx([0, 0, 5, 10, 0, 0])
    assert seam.middle(np.array([110.0])) == pytest.approx([151])


def test_distances_are_signed_and_from_the_own_edge() -> None:
    seam = Seam.through(DIAMOND)
    points = np.array([(110.0, 140.0), (110.0, 150.0), (110.0, 160.0)])
    assert seam.above(points) == pytest.approx([6, -4, -14])
    assert seam.below(points) == pytest.approx([-16, -6, 4])


def test_two_openings_are_joined_by_a_closed_line() -> None:
    other = tuple(edge + (40.0, 10.0) for edge in DIAMOND)
    seam = Seam.through(DIAMOND, (other[0], other[1]))
    # Half way between the inner corners (120, 150) and (140, 160).
    assert seam.gap(np.array([130.0])) == pytest.approx([0])
    assert seam.middle(np.array([130.0])) == pytest.approx([155])


def test_edges_that_cross_are_taken_as_closed() -> None:
    crossed = Seam.through((DIAMOND[1], DIAMOND[0]))
    assert crossed.gap(np.array([110.0])) == pytest.approx([0])
