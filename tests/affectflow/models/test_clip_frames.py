"""Paper 4's splitting of clips and the rules of serving, in NumPy and in TensorFlow."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from affectflow.models import class_serving
from affectflow.models.clip_frames import evenly, from_start, segments


@pytest.mark.parametrize(
    ("length", "pieces"),
    [(0, 0), (34, 0), (35, 1), (74, 1), (75, 1), (149, 1), (150, 2), (224, 2), (225, 3)],
)
def test_the_papers_lengths(length, pieces):
    assert len(segments(length, 75)) == pieces


def test_short_clips_repeat_their_last_frame_and_long_ones_are_cut():
    np.testing.assert_array_equal(segments(40, 75)[0], [*range(40)] + [39] * 35)
    np.testing.assert_array_equal(segments(110, 75)[0], range(75))
    np.testing.assert_array_equal(segments(150, 75)[1], range(75, 150))


@given(st.integers(0, 1000), st.integers(1, 120))
@settings(max_examples=200, deadline=None)
def test_pieces_are_consecutive_frames_of_the_clip(length, frames):
    pieces = segments(length, frames)
    for number, piece in enumerate(pieces):
        assert piece.shape == (frames,)
        assert piece.dtype == np.int64
        whole = np.arange(frames) + number * frames
        np.testing.assert_array_equal(piece, np.minimum(whole, length - 1))
    if length >= frames:
        assert len(pieces) == length // frames
    else:
        assert len(pieces) == (length > 0 and length >= round(frames * 35 / 75))


@given(st.integers(1, 1000), st.integers(1, 120))
@settings(max_examples=200, deadline=None)
def test_even_frames_span_the_clip(length, frames):
    positions = evenly(length, frames)
    assert positions.shape == (frames,)
    assert positions.dtype == np.int64
    assert positions[0] == 0
    assert positions[-1] < length
    steps = np.diff(positions)
    # Evenly: no two steps differ by more than one, and the last frame stands for as much.
    assert np.ptp(np.append(steps, length - positions[-1])) <= 1


@given(st.integers(1, 300), st.integers(1, 120))
@settings(max_examples=50, deadline=None)
def test_tensorflow_picks_the_same_frames(length, frames):
    for rule, ops in ((evenly, class_serving.evenly), (from_start, class_serving.from_start)):
        found = ops(tf.constant(length), frames)
        assert found.dtype == tf.int64
        np.testing.assert_array_equal(found, rule(length, frames))


def test_no_frames_are_an_error():
    for rule, ops in ((evenly, class_serving.evenly), (from_start, class_serving.from_start)):
        with pytest.raises(ValueError, match="without frames"):
            rule(0, 8)
        with pytest.raises(tf.errors.InvalidArgumentError, match="without frames"):
            ops(tf.constant(0), 8)
