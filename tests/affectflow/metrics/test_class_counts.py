"""Counts of classes, of which predictions may be missing."""

from __future__ import annotations

import json
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.metrics import ClassCounts, Confusion, has_signs

CLASSES = ("fear", "joy", "neutral")
NAMES = st.sampled_from(("", *CLASSES))


def test_samples_without_truth_do_not_count_and_predictions_may_be_missing():
    counts = ClassCounts.of(
        CLASSES, ["joy", "", "fear", "joy", "joy"], ["joy", "joy", "", "fear", "joy"]
    )
    assert counts == ClassCounts(Confusion.of(CLASSES, ["joy"] * 3, ["joy", "fear", "joy"]), 1)
    assert counts.total == 4
    assert math.isnan(counts.measured(lambda found: found.accuracy))
    assert ClassCounts(counts.confusion).measured(lambda found: found.accuracy) == 2 / 3


@given(st.lists(st.tuples(NAMES, NAMES), max_size=30), st.randoms())
def test_any_split_and_order_merges_to_the_whole(pairs, shuffler: random.Random):
    def of(part):
        return ClassCounts.of(CLASSES, [t for t, _ in part], [p for _, p in part])

    whole = of(pairs)
    shuffler.shuffle(pairs)
    cut = shuffler.randrange(len(pairs) + 1)
    assert of(pairs[:cut]) + of(pairs[cut:]) == whole
    assert ClassCounts.from_json(json.loads(json.dumps(whole.as_json()))) == whole


def test_what_cannot_be_counted():
    with pytest.raises(ValueError, match="truth 'happy' is not one of fear, joy, neutral"):
        ClassCounts.of(CLASSES, ["happy"], ["joy"])
    with pytest.raises(ValueError, match="cannot be merged"):
        ClassCounts.of(CLASSES, [], []) + ClassCounts.of(CLASSES[:2], [], [])


def test_classes_that_occur_nowhere_can_be_trimmed_without_changing_a_figure():
    matrix = Confusion.of(("joy", "fear", "pride", "calm"), ["joy", "joy"], ["joy", "pride"])
    trimmed = matrix.trimmed(("joy", "fear"))
    assert trimmed == Confusion(("joy", "fear", "pride"), [[1, 0, 1], [0, 0, 0], [0, 0, 0]])
    assert trimmed.accuracy == matrix.accuracy == 1 / 2
    assert trimmed.macro_precision == matrix.macro_precision == 1 / 2
    assert trimmed.macro_recall == matrix.macro_recall == 1 / 4


def test_calm_has_no_known_sign():
    assert has_signs(("joy", "fear", "neutral"))
    assert not has_signs(("joy", "calm"))
