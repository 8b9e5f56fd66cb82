"""PN accuracy (paper 1, eq. 10) against counts made by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.emotions import EMOTIONS
from affectflow.metrics import Confusion, pn_accuracy, valence_signs

emotion = st.sampled_from(tuple(EMOTIONS))
pairs = st.lists(st.tuples(emotion, emotion), min_size=1, max_size=40)


def confusion(pairs, classes=tuple(EMOTIONS)):
    return Confusion.of(classes, [truth for truth, _ in pairs], [guess for _, guess in pairs])


def test_the_signs_are_those_that_section_4_4_lists():
    negative = ("disgust", "contempt", "sadness", "anger", "embarrassment", "fear")
    positive = ("pride", "surprise", "joy")
    expected = dict.fromkeys(negative, "negative") | dict.fromkeys(positive, "positive")
    assert valence_signs(tuple(EMOTIONS)) == expected | {"neutral": "neutral"}


def test_by_hand():
    found = confusion(
        [
            ("disgust", "contempt"),  # negative both
            ("anger", "anger"),  # negative both
            ("sadness", "neutral"),  # wrong
            ("joy", "pride"),  # positive both
            ("surprise", "fear"),  # wrong: alike in arousal, not in valence
            ("neutral", "neutral"),  # neutral both
            ("neutral", "joy"),  # wrong
        ]
    )
    # (2 negative + 1 neutral + 1 positive)/7, where the emotion itself is right in 2 of 7.
    assert pn_accuracy(found) == pytest.approx(4 / 7, abs=1e-15)
    assert found.accuracy == pytest.approx(2 / 7, abs=1e-15)


@given(pairs)
def test_equals_the_formula_over_pairs(pairs):
    def sign(name):
        return math.copysign(1, EMOTIONS[name][0]) if EMOTIONS[name][0] else 0

    right = sum(sign(truth) == sign(guess) for truth, guess in pairs)
    assert pn_accuracy(confusion(pairs)) == pytest.approx(right / len(pairs), abs=1e-15)


@given(pairs)
def test_never_below_accuracy_nor_above_1(pairs):
    found = confusion(pairs)
    assert found.accuracy <= pn_accuracy(found) <= 1


def test_without_pairs():
    assert math.isnan(pn_accuracy(confusion([])))


def test_a_class_without_valence_is_named_with_what_would_do():
    found = confusion([("joy", "joy")], classes=("joy", "calm", "fear", "rage"))
    with pytest.raises(ValueError, match=r"'calm', 'rage'.*disgust.*signs=\{'calm': 1\}"):
        pn_accuracy(found)
    with pytest.raises(ValueError, match="of 'rage', only"):
        pn_accuracy(found, {"calm": 1})


def test_signs_given():
    pairs = [("calm", "joy"), ("calm", "fear"), ("joy", "joy")]
    found = confusion(pairs, classes=("joy", "calm", "fear"))
    # Calm and joy are both positive: 2 of 3. With calm neutral only joy is right. A valence does
    # as well as its sign, and what is not asked for is not read.
    assert pn_accuracy(found, {"calm": 1}) == pytest.approx(2 / 3, abs=1e-15)
    assert pn_accuracy(found, {"calm": 0.78, "rage": -1}) == pytest.approx(2 / 3, abs=1e-15)
    assert pn_accuracy(found, {"calm": 0}) == pytest.approx(1 / 3, abs=1e-15)
    # A sign that is given comes before the table's: with fear and calm positive all are.
    assert pn_accuracy(found, {"calm": 1, "fear": 1}) == 1.0
    with pytest.raises(ValueError, match="'calm' is NaN"):
        pn_accuracy(found, {"calm": math.nan})
