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
    [
        (0, 0),
        (34, 0),
        (35, 1),
        (74, 1),
        (75, 1),
        (110, 1),
        (111, 2),
        (150, 2),
        (185, 2),
        (186, 3),
        (260, 3),
        (261, 4),
    ],
)
def test_the_papers_lengths(length, pieces):
    assert len(segments(length, 75)) == pieces


def test_the_papers_clips_can_give_its_pieces():
    # Its clips by their frames, 7 422 of the 7 442 that it names, and its 5 000 + 1 000 + 1 704
    # pieces. The most that its text alone gives is two of each clip of 150 and more: if only the
    # two beyond 150 are so long, 7 424.
    clips = {(35, 75): 3638, (76, 100): 3217, (101, 150): 565, (151, 185): 2}
    pieces = 5000 + 1000 + 1704
    fewest, most = (
        sum(number * len(segments(bounds[end], 75)) for bounds, number in clips.items())
        for end in (0, 1)
    )
    assert (fewest, most) == (7424, 3638 + 3217 + 2 * 565 + 2 * 2)
    assert fewest < pieces < most


def test_short_clips_repeat_their_last_frame_and_long_ones_are_cut():
    np.testing.assert_array_equal(segments(40, 75)[0], [*range(40)] + [39] * 35)
    np.testing.assert_array_equal(segments(110, 75)[0], range(75))
    np.testing.assert_array_equal(segments(111, 75)[1], [*range(75, 111)] + [110] * 39)
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
    shortest = round(frames * 35 / 75)
    if not pieces:
        assert length < max(1, shortest)
        return
    # What is left over is no more than what a piece is not made of, and each piece has more.
    assert length - len(pieces) * frames <= shortest
    assert len(pieces) == 1 or length - (len(pieces) - 1) * frames > shortest


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
