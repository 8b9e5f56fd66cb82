from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from affectflow.corpora.labels import Labels, interpolate_missing
from affectflow.errors import RejectedClip

NAN = float("nan")


def rows(n: int) -> Labels:
    """n rows whose valence tells the row: 0, .01, .02 …"""
    return Labels.by_row(np.arange(n) / 100, np.zeros(n), "clip.txt")


def no_clock(n: int) -> np.ndarray:
    return np.full(n, NAN)


def test_row_i_is_frame_i():
    aligned = rows(4).align(4, no_clock(4))
    assert aligned.dtype == np.float32
    assert_array_equal(aligned[:, 0], np.float32([0, 0.01, 0.02, 0.03]))


@pytest.mark.parametrize(("count", "frames"), [(3, 4), (5, 4), (0, 4)])
def test_rows_that_do_not_fit_name_both_numbers_and_the_setting(count, frames):
    with pytest.raises(
        RejectedClip, match=f"has {count} rows .* {frames} frames; label_slack=0"
    ) as e:
        rows(count).align(frames, no_clock(frames))
    assert e.value.cause == "labels_do_not_fit"


def test_slack_leaves_out_extra_rows_and_pads_missing_ones_at_the_end():
    assert_array_equal(rows(5).align(4, no_clock(4), slack=1), rows(4).align(4, no_clock(4)))
    padded = rows(3).align(4, no_clock(4), slack=1)
    assert_array_equal(padded[:3], rows(3).align(3, no_clock(3)))
    assert np.isnan(padded[3]).all()
    with pytest.raises(RejectedClip, match=r"label_slack=1 .* 2 or more would do"):
        rows(6).align(4, no_clock(4), slack=1)


def test_a_lower_bound_of_frames_takes_more_rows_but_not_fewer():
    assert rows(9).align(4, no_clock(4), frames_exact=False).shape == (4, 2)
    with pytest.raises(RejectedClip):
        rows(3).align(4, no_clock(4), frames_exact=False)


def test_not_annotated_needs_only_one_of_the_two():
    aligned = Labels.by_row([0.1, -5, 0.3], [-5, -5, 0.2], "f").align(3, no_clock(3))
    assert_array_equal(aligned, np.float32([[NAN, NAN], [NAN, NAN], [0.3, 0.2]]))


@pytest.mark.parametrize("value", [1.0001, -1.5, -4.999, float("inf"), 5])
def test_a_value_outside_the_plane_names_file_line_and_value(value):
    with pytest.raises(RejectedClip, match=f"clip.txt, line 12: arousal is {value:g};") as e:
        Labels.by_row([0, 0], [0, value], "clip.txt", lines=[11, 12])
    assert e.value.cause == "bad_labels"


def test_the_ends_of_the_plane_are_inside():
    assert_array_equal(Labels.by_row([-1, 1], [1, -1], "f").values, [[-1, 1], [1, -1]])


def test_frames_may_be_given_in_any_order_and_with_holes():
    labels = Labels.by_frame([3, 0], [0.3, 0.5], [0, 0], "f")
    aligned = labels.align(5, no_clock(5))
    assert_array_equal(aligned[:, 0], np.float32([0.5, NAN, NAN, 0.3, NAN]))


@pytest.mark.parametrize(
    ("frames", "wrong"),
    [
        ([0, -1], "frame -1"), ([0, 1.5], "frame 1.5"), ([2, 2], "frame 2 was labelled before"),
        ([9, 1000001.5], "frame 1000001.5 is"), ([1000001] * 2, "frame 1000001 was labelled"),
        # From 2^53 on two frames may be one number, and an int64 ends at 2^63.
        ([0, 2.0**53], "frame 9007199254740992 is"), ([0, 2.0**63], r"frame 9\.223372036854776e"),
        ([0, 1e300], r"frame 1e\+300"), ([0, float("inf")], "frame inf"), ([0, NAN], "frame nan"),
    ],
)  # fmt: skip
def test_bad_frame_numbers(frames, wrong):
    with pytest.raises(RejectedClip, match=f"line 8: {wrong}") as e:
        Labels.by_frame(frames, [0, 0], [0, 0], "f", lines=[7, 8])
    assert e.value.cause == "bad_labels"


def test_a_frame_beyond_the_clip():
    labels = Labels.by_frame([0, 4], [0.1, 0.2], [0, 0], "f")
    with pytest.raises(RejectedClip, match="names frame 4 but the clip has 4 frames") as e:
        labels.align(4, no_clock(4))
    assert e.value.cause == "labels_do_not_fit"
    assert_array_equal(labels.align(4, no_clock(4), slack=1)[:, 0], np.float32([0.1] + [NAN] * 3))


def test_frames_that_count_from_one_are_asked_about_and_read():
    labels = Labels.by_frame([1, 2, 4], [0.1, 0.2, 0.4], np.zeros(3), "f")
    with pytest.raises(RejectedClip, match=r"frame 4 .* do the frames count from 1") as e:
        labels.align(4, no_clock(4))
    assert "first_frame=1 would do" in e.value.detail
    assert "label_slack" not in e.value.detail, "slack would give each frame its neighbour's label"
    with pytest.raises(RejectedClip, match="do the frames count from 1"):
        labels.align(4, no_clock(4), slack=1)
    aligned = labels.align(4, no_clock(4), first_frame=1)
    assert_array_equal(aligned[:, 0], np.float32([0.1, 0.2, NAN, 0.4]))
    with pytest.raises(RejectedClip, match=r"frame 4 .* 3 frames \(1 to 3\); label_slack=0"):
        labels.align(3, no_clock(3), first_frame=1)


def test_frames_from_one_with_a_row_too_many():
    # A clip of 4 frames and 5 rows, 1 to 5: as is common in Aff-Wild2, one more than frames.
    labels = Labels.by_frame([1, 2, 3, 4, 5], np.arange(1, 6) / 10, np.zeros(5), "f")
    with pytest.raises(
        RejectedClip, match=r"from 1.*, and first_frame=1 with label_slack=1 would do"
    ):
        labels.align(4, no_clock(4))
    with pytest.raises(RejectedClip, match=r"from 1.*, and first_frame=1 would do"):
        labels.align(4, no_clock(4), slack=1)
    aligned = labels.align(4, no_clock(4), slack=1, first_frame=1)
    assert_array_equal(aligned[:, 0], np.float32([0.1, 0.2, 0.3, 0.4]))


@pytest.mark.parametrize("numbers", [[0, 4], [1, 6]])
def test_frames_that_would_not_fit_from_one_either_are_not_asked_about(numbers):
    labels = Labels.by_frame(numbers, [0.1, 0.2], [0, 0], "f")
    with pytest.raises(RejectedClip, match="label_slack=0 allows"):
        labels.align(4, no_clock(4))


def test_frame_zero_where_frames_count_from_one():
    with pytest.raises(RejectedClip, match="names frame 0, but first_frame=1") as e:
        Labels.by_frame([0, 1], [0, 0], [0, 0], "f").align(4, no_clock(4), first_frame=1)
    assert e.value.cause == "bad_labels"


def test_seconds_are_interpolated_between_rows_and_nowhere_else():
    # Halfway between 0 and .4 lies .2; a quarter of the way .1.
    labels = Labels.by_second([1.0, 2.0], [0.0, 0.4], [1.0, 0.0], "f")
    times = np.array([0.9, 1.0, 1.25, 1.5, 2.0, 2.1])
    aligned = labels.align(6, times)
    assert_array_equal(aligned[:, 0], np.float32([NAN, 0, 0.1, 0.2, 0.4, NAN]))
    assert_array_equal(aligned[:, 1], np.float32([NAN, 1, 0.75, 0.5, 0, NAN]))


def test_seconds_too_far_apart_or_beside_a_row_without_label_are_not_bridged():
    labels = Labels.by_second([0, 1, 2, 3.5], [0, -5, 0.2, 0.4], [0, 0, 0, 0], "f")
    times = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 3.5])
    found = ~np.isnan(labels.align(7, times)[:, 0])
    assert_array_equal(found, [True, False, False, False, True, False, True])
    found = ~np.isnan(labels.align(7, times, max_gap_s=1.5)[:, 0])
    assert_array_equal(found, [True, False, False, False, True, True, True])


@pytest.mark.parametrize("digits", [2, 3, 6, 17])
def test_the_last_frame_keeps_its_label_however_times_are_rounded(digits):
    # 30 frames/s: i/30 rounded by the annotation, and by a container to a thousandth (Matroska).
    exact = np.arange(30) / 30
    rounded = np.round(exact, digits) if digits > 2 else np.ceil(exact * 100) / 100
    labels = Labels.by_second(rounded, np.arange(30) / 100, np.zeros(30), "f")
    for times in (exact, np.round(exact, 3), np.round(exact, 6)):
        aligned = labels.align(30, times)
        # A step of .01 a frame: a time that is off by a hundredth of a second is off by .003.
        np.testing.assert_allclose(aligned[:, 0], np.arange(30) / 100, atol=0.0031)


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 60, 30000 / 1001])
@pytest.mark.parametrize("printed", [np.round, lambda x, _: np.floor(x * 100) / 100])
def test_two_digits_give_each_frame_its_own_label_at_any_length(fps, printed):
    # Rounding moves a row by .005 s and cutting off by .01 s, less than half of a frame (.0083 s at
    # 60 a second, where only rounding does): a row stays nearest to its frame.
    if printed is not np.round and 0.5 / fps <= 0.0105:
        pytest.skip("cut off after two digits, a row may be as near to the frame before its own")
    for length in range(2, 300):
        times = np.arange(length) / fps
        values = np.arange(length) / 1000
        labels = Labels.by_second(printed(times, 2), values, -values, "f", unit_s=0.01)
        for known in (times, np.round(times, 3)):
            assert_array_equal(labels.align(length, known)[:, 0], np.float32(values))


@pytest.mark.parametrize("unit_s", [1, 0.1, 0.01, 0.001, 0.0])
@pytest.mark.parametrize("fps", [25, 30, 60, 240])
def test_however_coarse_no_frame_takes_its_neighbours_label(fps, unit_s):
    # Rows of frames 3 to 6 of 10, as exact as they are printed coarsely.
    times = np.arange(10) / fps
    labels = Labels.by_second(times[3:7], np.arange(3, 7) / 10, np.zeros(4), "f", unit_s=unit_s)
    expected = np.where((np.arange(10) >= 3) & (np.arange(10) < 7), np.arange(10) / 10, NAN)
    assert_array_equal(labels.align(10, times)[:, 0], np.float32(expected))


def test_a_clip_of_one_frame_or_of_frames_at_one_time_is_no_measure():
    labels = Labels.by_second([0.1], [0.5], [0], "f", unit_s=0.1)
    assert np.isnan(labels.align(1, [0.05])).all()
    assert np.isnan(labels.align(2, [0.05, 0.05])).all()


def test_frames_beyond_the_rows_by_more_than_rounding_have_no_label():
    labels = Labels.by_second([0.1, 0.2], [0.5, 0.5], [0, 0], "f")
    aligned = labels.align(4, [0.098, 0.0991, 0.2009, 0.202])
    assert np.isnan(aligned[:, 0]).tolist() == [True, False, False, True]
    alone = Labels.by_second([0.1], [0.5], [0], "f").align(3, [0.09, 0.1004, 0.11])
    assert np.isnan(alone[:, 0]).tolist() == [True, False, True]


def test_seconds_beyond_the_clip_and_a_clip_without_a_clock():
    labels = Labels.by_second([0, 60], [0, 0], [0, 0], "f")
    with pytest.raises(RejectedClip, match=r"second 60 .* at 10 s; label_max_gap_s=1") as e:
        labels.align(2, np.array([0.0, 10.0]))
    assert e.value.cause == "labels_do_not_fit"
    with pytest.raises(RejectedClip, match="none of the clip's 2 frames has a timestamp"):
        labels.align(2, no_clock(2))


@pytest.mark.parametrize(
    ("seconds", "wrong"), [([0, -1], "second -1"), ([2, 2], "second 2 was labelled before")]
)
def test_bad_seconds(seconds, wrong):
    with pytest.raises(RejectedClip, match=wrong):
        Labels.by_second(seconds, [0, 0], [0, 0], "f")


@given(
    st.lists(st.integers(0, 400), min_size=2, max_size=20, unique=True),
    st.lists(st.integers(0, 400), min_size=1, max_size=20),
    st.randoms(use_true_random=False),
)
def test_labels_on_a_line_stay_on_it(ticks, frames, shuffler):
    # Interpolation is exact for a label that is linear in time, whatever the sampling.
    def line(t: np.ndarray) -> np.ndarray:
        return t / 10 - 0.9

    shuffler.shuffle(ticks)
    seconds = np.array(ticks) / 25
    labels = Labels.by_second(seconds, line(seconds), -line(seconds), "f")
    times = np.array(frames) / 25
    aligned = labels.align(len(times), times, max_gap_s=100.0)
    inside = (times >= seconds.min()) & (times <= seconds.max())
    np.testing.assert_allclose(aligned[inside, 0], line(times[inside]), atol=1e-6)
    np.testing.assert_allclose(aligned[inside, 1], -line(times[inside]), atol=1e-6)
    assert np.isnan(aligned[~inside]).all()


def test_timestamps_of_another_length_are_a_programming_error():
    with pytest.raises(ValueError, match=r"shape \(3,\), wanted \(4,\)"):
        rows(4).align(4, no_clock(3))


def test_missing_labels_are_interpolated_between_neighbours():
    labels = np.array([[NAN, NAN], [0, 1], [NAN, 0.9], [NAN, NAN], [0.3, 0.4], [NAN, NAN]])
    # Three steps from (0, 1) to (.3, .4): .1 and -.2 a step. Half a label counts as missing.
    expected = [[NAN, NAN], [0, 1], [0.1, 0.8], [0.2, 0.6], [0.3, 0.4], [NAN, NAN]]
    np.testing.assert_allclose(interpolate_missing(labels), expected, atol=1e-7)
    assert np.isnan(labels[3]).all(), "the input is left as it was"


@given(st.lists(st.one_of(st.none(), st.floats(-1, 1, width=32)), max_size=30), st.integers(0, 8))
def test_gaps_of_more_frames_than_may_be_filled_stay_as_they_are(column, most):
    labels = np.array([[NAN, NAN] if x is None else [x, -x] for x in column]).reshape(-1, 2)
    whole, filled = interpolate_missing(labels), interpolate_missing(labels, most)
    # Stretches of missing rows, counted one by one.
    start = 0
    for stop in range(len(column) + 1):
        if stop == len(column) or column[stop] is not None:
            gap = slice(start, stop)
            inner = start > 0 and stop < len(column) and stop - start <= most
            assert_array_equal(filled[gap], whole[gap] if inner else labels[gap])
            start = stop + 1
    known = ~np.isnan(labels[:, 0])
    assert_array_equal(filled[known], whole[known])


@given(st.lists(st.one_of(st.none(), st.floats(-1, 1, width=32)), max_size=30))
def test_interpolating_keeps_labels_and_never_leaves_the_range(column):
    labels = np.array([[NAN, NAN] if x is None else [x, -x] for x in column]).reshape(-1, 2)
    filled = interpolate_missing(labels)
    known = ~np.isnan(labels[:, 0])
    assert_array_equal(filled[known], labels[known])
    at = np.flatnonzero(known)
    inner = np.isfinite(filled).all(axis=1)
    expected = np.zeros(len(labels), bool)
    if len(at):
        expected[at[0] : at[-1] + 1] = True
    assert_array_equal(inner, expected)
    assert (np.abs(filled[inner]) <= 1).all()


def test_a_gap_of_exactly_the_limit_is_bridged_in_floats_too():
    seconds = np.array([0.7, 0.8])
    assert seconds[1] - seconds[0] > 0.1, "rounding makes it a little more"
    aligned = Labels.by_second(seconds, [0, 0.2], [0, 0], "f").align(1, [0.75], max_gap_s=0.1)
    np.testing.assert_allclose(aligned, [[0.1, 0]], atol=1e-7)


def test_rows_beyond_the_last_frame():
    values = np.arange(5) / 10
    rows = Labels.by_row(values, -values, "x")
    np.testing.assert_array_equal(rows.beyond(3), np.float32([(0.3, -0.3), (0.4, -0.4)]))
    assert rows.beyond(5).shape == (0, 2)
    # Frames 1, 3, 5, 7 and 9 where the first is called 1: 0, 2, 4, 6 and 8.
    named = Labels.by_frame(np.arange(1, 10, 2), values, -values, "x")
    np.testing.assert_array_equal(named.beyond(6, 1), np.float32([(0.3, -0.3), (0.4, -0.4)]))
    timed = Labels.by_second(np.arange(5.0), values, -values, "x")
    assert timed.beyond(0).shape == (0, 2)
