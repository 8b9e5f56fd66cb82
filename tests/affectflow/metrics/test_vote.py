"""The vote of a video's frames."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.emotions import nearest_emotion
from affectflow.metrics import majority

CLASSES = ("surprise", "joy", "fear")
names = st.lists(st.sampled_from(("", *CLASSES)), max_size=20)


def test_the_most_frequent_name():
    # joy 3, fear 2, surprise 1.
    assert majority(["joy", "fear", "joy", "surprise", "fear", "joy"]) == "joy"
    assert majority(iter(["fear"])) == "fear"


def test_a_tie_goes_to_the_first_class_or_else_to_the_alphabet():
    tie = ["joy", "surprise", "joy", "surprise", "fear"]
    assert majority(tie, CLASSES) == "surprise"
    assert majority(tie, CLASSES[::-1]) == "joy"
    assert majority(tie) == "joy"


def test_frames_without_a_name_have_no_vote():
    frames = ["", "", "", "fear"]
    assert majority(frames) == majority(frames, CLASSES) == "fear"
    assert majority([]) == majority(["", ""]) == majority([""], CLASSES) == ""


def test_frames_of_a_regression():
    # The first two lie nearest to joy (.95, .12), the third nearest to fear (−.11, .79).
    frames = [(0.9, 0.1), (0.8, 0.0), (-0.1, 0.8), (float("nan"), 0.0)]
    assert majority(nearest_emotion(*frame) for frame in frames) == "joy"


def test_unknown_names():
    with pytest.raises(ValueError, match="'pride' is not one of surprise, joy, fear"):
        majority(["joy", "joy", "pride"], CLASSES)


@given(names, st.sampled_from([None, CLASSES]), st.randoms(use_true_random=False))
def test_no_name_is_more_frequent_and_the_order_of_frames_does_not_matter(frames, classes, random):
    winner = majority(frames, classes)
    voters = [name for name in frames if name]
    assert (winner == "") == (not voters)
    assert all(frames.count(winner) >= frames.count(name) for name in voters)
    shuffled = list(frames)
    random.shuffle(shuffled)
    assert majority(shuffled, classes) == winner
