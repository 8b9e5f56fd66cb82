from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from affectflow.balance.grid import DensityGrid

values = st.one_of(st.floats(-1, 1), st.just(float("nan")), st.sampled_from([-1.0, 0.0, 1.0]))
planes = st.integers(0, 60).flatmap(lambda n: arrays(np.float64, (n, 2), elements=values))


@pytest.mark.parametrize(
    ("valence", "arousal", "row", "column"),
    [
        # 40 cells of width .05: index = (x + 1) / .05.
        (-1.0, -1.0, 0, 0),
        (1.0, 1.0, 39, 39),
        (-1.0, 1.0, 0, 39),
        (0.0, 0.0, 20, 20),
        (-0.951, -0.95, 0, 1),
        (0.149, 0.15, 22, 23),
        (0.999, 0.95, 39, 39),
    ],
)
def test_cells_worked_out_by_hand(valence, arousal, row, column):
    assert DensityGrid(40).cell(valence, arousal) == row * 40 + column


@pytest.mark.parametrize("cells", [1, 3, 10, 40, 100])
def test_an_edge_belongs_to_the_upper_cell_in_either_precision(cells):
    for i in range(cells):
        edge = -1 + 2 * i / cells
        for kind in (np.float32, np.float64):
            assert DensityGrid(cells).cell(kind(edge), kind(edge)) == i * cells + i


@given(st.integers(-1000, 1000), st.integers(-1000, 1000))
def test_three_decimals_fall_where_integers_say_in_either_precision(v, a):
    # Aff-Wild2 writes thousandths; in integers the cell is exact.
    expected = min((v + 1000) // 50, 39) * 40 + min((a + 1000) // 50, 39)
    for kind in (np.float32, np.float64):
        assert DensityGrid(40).cell(kind(v / 1000), kind(a / 1000)) == expected


@given(planes, st.integers(1, 50))
def test_a_histogram_counts_every_labelled_frame_once(plane, cells):
    histogram = DensityGrid(cells).histogram(plane[:, 0], plane[:, 1])
    assert histogram.shape == (cells, cells)
    assert histogram.dtype == np.int64
    assert histogram.sum() == (~np.isnan(plane).any(axis=1)).sum()


@given(planes, st.integers(1, 50), st.integers(0, 60))
def test_histograms_of_parts_add_up(plane, cells, cut):
    grid = DensityGrid(cells)
    parts = grid.histogram(*plane[:cut].T) + grid.histogram(*plane[cut:].T)
    np.testing.assert_array_equal(parts, grid.histogram(*plane.T))


@given(planes, st.integers(1, 50))
def test_a_label_may_stand_for_many_frames(plane, cells):
    grid = DensityGrid(cells)
    known = plane[~np.isnan(plane).any(axis=1)]
    labels, frames = np.unique(known, axis=0, return_counts=True)
    np.testing.assert_array_equal(
        grid.histogram(labels[:, 0], labels[:, 1], frames), grid.histogram(*known.T)
    )


@given(planes, st.integers(1, 50))
def test_the_axes_are_alike(plane, cells):
    grid = DensityGrid(cells)
    np.testing.assert_array_equal(
        grid.histogram(plane[:, 1], plane[:, 0]), grid.histogram(plane[:, 0], plane[:, 1]).T
    )


def test_valence_is_the_first_axis():
    histogram = DensityGrid(4).histogram(np.array([-1.0]), np.array([1.0]))
    assert np.argwhere(histogram).tolist() == [[0, 3]]


def test_a_frame_without_label_has_no_cell():
    cells = DensityGrid(4).cell(np.array([np.nan, 0.0, np.nan]), np.array([0.0, np.nan, np.nan]))
    assert cells.tolist() == [-1, -1, -1]


@pytest.mark.parametrize("value", [-5.0, 1.001, float("inf")])
def test_a_value_outside_the_plane_is_never_counted(value):
    with pytest.raises(ValueError, match=f"label {value:g} is outside"):
        DensityGrid().histogram(np.array([0.0, value]), np.array([0.0, 0.0]))


def test_no_cells():
    with pytest.raises(ValueError, match="cells is 0"):
        DensityGrid(0)
