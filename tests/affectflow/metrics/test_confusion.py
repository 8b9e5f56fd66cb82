"""The confusion matrix against counts made by hand, and against its own laws."""

from __future__ import annotations

import itertools
import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affectflow.metrics import Confusion

NAMES = ("anger", "fear", "joy", "calm")


@st.composite
def samples(draw, low=0, high=40):
    """Some classes, and pairs of positions among them."""
    classes = NAMES[: draw(st.integers(1, len(NAMES)))]
    position = st.integers(0, len(classes) - 1)
    pairs = draw(st.lists(st.tuples(position, position), min_size=low, max_size=high))
    return classes, [truth for truth, _ in pairs], [predicted for _, predicted in pairs]


# Truth:     anger anger anger fear fear joy
# Predicted: anger anger fear  fear joy  joy
BY_HAND = Confusion.of(
    NAMES,
    ["anger", "anger", "anger", "fear", "fear", "joy"],
    ["anger", "anger", "fear", "fear", "joy", "joy"],
)


def test_by_hand():
    assert BY_HAND.counts.tolist() == [[2, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    assert BY_HAND.counts.dtype == np.int64
    assert BY_HAND.total == 6
    # 4 of 6 are right. Anger: 2 of 2 predictions and 2 of 3 truths are right; fear: 1 of 2 and
    # 1 of 2; joy: 1 of 2 and 1 of 1; calm occurs nowhere.
    assert BY_HAND.accuracy == pytest.approx(4 / 6, abs=1e-15)
    np.testing.assert_allclose(BY_HAND.precision, [1, 1 / 2, 1 / 2, np.nan], atol=1e-15)
    np.testing.assert_allclose(BY_HAND.recall, [2 / 3, 1 / 2, 1, np.nan], atol=1e-15)
    # Calm is left out: (1 + 1/2 + 1/2)/3 = 2/3 and (2/3 + 1/2 + 1)/3 = 13/18.
    assert BY_HAND.macro_precision == pytest.approx(2 / 3, abs=1e-15)
    assert BY_HAND.macro_recall == pytest.approx(13 / 18, abs=1e-15)


def test_an_undefined_ratio_counts_as_0_where_the_class_occurs():
    # Truth joy joy fear, predicted joy calm joy. Fear is never predicted: its precision is
    # undefined; calm is never true: its recall is undefined. Joy: precision 1/2, recall 1/2.
    found = Confusion.of(NAMES, ["joy", "joy", "fear"], ["joy", "calm", "joy"])
    np.testing.assert_array_equal(found.precision, [np.nan, np.nan, 0.5, 0.0])
    np.testing.assert_array_equal(found.recall, [np.nan, 0.0, 0.5, np.nan])
    # Anger occurs nowhere, so both are means over three: (0 + 1/2 + 0)/3.
    assert found.macro_precision == pytest.approx(1 / 6, abs=1e-15)
    assert found.macro_recall == pytest.approx(1 / 6, abs=1e-15)


def test_nothing_has_no_figures():
    empty = Confusion.of(NAMES, [], [])
    assert empty.total == 0
    assert all(math.isnan(v) for v in (empty.accuracy, empty.macro_precision, empty.macro_recall))
    assert np.isnan(empty.precision).all()
    assert np.isnan(empty.recall).all()
    assert empty + BY_HAND == BY_HAND + empty == BY_HAND


@given(samples())
def test_names_positions_and_arrays_are_the_same(given_samples):
    classes, truth, predicted = given_samples
    found = Confusion.of(classes, truth, predicted)
    names = [[classes[i] for i in one] for one in (truth, predicted)]
    assert Confusion.of(classes, *names) == found
    assert Confusion.of(classes, np.array(names[0], dtype=object), predicted) == found
    assert Confusion.of(classes, np.array(truth, dtype=np.uint8), np.array(names[1], str)) == found
    # The definition, literally.
    for i in range(len(classes)):
        for j in range(len(classes)):
            assert found.counts[i, j] == list(zip(truth, predicted)).count((i, j))


@given(samples(), st.data())
def test_merged_parts_in_any_order_are_the_whole(given_samples, data):
    classes, truth, predicted = given_samples
    cuts = [0, *sorted(data.draw(st.lists(st.integers(0, len(truth)), max_size=4))), len(truth)]
    parts = [Confusion.of(classes, truth[a:b], predicted[a:b]) for a, b in itertools.pairwise(cuts)]
    parts = data.draw(st.permutations(parts))
    whole = Confusion.of(classes, truth, predicted)
    assert sum(parts) == whole
    middle = len(parts) // 2
    empty = Confusion.of(classes, [], [])
    assert sum(parts[:middle], empty) + sum(parts[middle:], empty) == whole


@given(samples(low=1), st.data())
def test_another_order_of_classes_permutes_the_matrix(given_samples, data):
    classes, truth, predicted = given_samples
    order = data.draw(st.permutations(range(len(classes))))
    permuted = tuple(classes[i] for i in order)
    found = Confusion.of(classes, truth, predicted)
    again = Confusion.of(permuted, [classes[i] for i in truth], [classes[i] for i in predicted])
    np.testing.assert_array_equal(again.counts, found.counts[np.ix_(order, order)])
    np.testing.assert_array_equal(again.precision, found.precision[list(order)])
    np.testing.assert_array_equal(again.recall, found.recall[list(order)])
    assert again.accuracy == found.accuracy
    assert again.macro_precision == pytest.approx(found.macro_precision, abs=1e-15)
    assert again.macro_recall == pytest.approx(found.macro_recall, abs=1e-15)
    assert found.folded(permuted, {name: name for name in classes}) == again


@given(samples(low=1))
def test_figures_lie_between_0_and_1_and_accuracy_is_the_share_on_the_diagonal(given_samples):
    classes, truth, predicted = given_samples
    found = Confusion.of(classes, truth, predicted)
    assert found.accuracy == np.trace(found.counts) / found.total
    assert found.accuracy == pytest.approx(np.mean(np.array(truth) == np.array(predicted)))
    for value in (found.accuracy, found.macro_precision, found.macro_recall):
        assert 0 <= value <= 1
    for ratios in (found.precision, found.recall):
        assert ratios.dtype == np.float64
        assert ratios.shape == (len(classes),)
        defined = ratios[~np.isnan(ratios)]
        assert ((defined >= 0) & (defined <= 1)).all()
    right = Confusion.of(classes, truth, truth)
    assert right.accuracy == right.macro_precision == right.macro_recall == 1.0


@given(samples(low=1))
def test_truth_and_prediction_exchanged_exchange_precision_and_recall(given_samples):
    classes, truth, predicted = given_samples
    found = Confusion.of(classes, truth, predicted)
    turned = Confusion.of(classes, predicted, truth)
    np.testing.assert_array_equal(turned.counts, found.counts.T)
    np.testing.assert_array_equal(turned.precision, found.recall)
    assert turned.macro_precision == found.macro_recall


# Its first call imports scikit-learn, which takes seconds.
@settings(deadline=None, max_examples=50)
@pytest.mark.filterwarnings("ignore:A single label was found")
@given(samples(low=1))
def test_equals_scikit_learn(given_samples):
    oracle = pytest.importorskip("sklearn.metrics")
    classes, truth, predicted = given_samples
    found = Confusion.of(classes, truth, predicted)
    matrix = oracle.confusion_matrix(truth, predicted, labels=list(range(len(classes))))
    np.testing.assert_array_equal(found.counts, matrix)
    options = {"average": "macro", "zero_division": 0}
    precision = oracle.precision_score(truth, predicted, **options)
    recall = oracle.recall_score(truth, predicted, **options)
    assert found.macro_precision == pytest.approx(precision, abs=1e-12)
    assert found.macro_recall == pytest.approx(recall, abs=1e-12)


@given(samples())
def test_classes_that_occur_nowhere_change_no_figure(given_samples):
    classes, truth, predicted = given_samples
    found = Confusion.of(classes, truth, predicted)
    wider = Confusion.of((*classes, "pride", "contempt"), truth, predicted)
    for name in ("accuracy", "macro_precision", "macro_recall", "total"):
        assert getattr(wider, name) == pytest.approx(getattr(found, name), nan_ok=True)


def test_folded_by_hand():
    # Anger and fear become "bad": rows and columns 0 and 1 of BY_HAND are added up, which makes
    # 2 + 1 + 0 + 1 = 4 right and 0 + 1 = 1 taken for joy.
    group = {"anger": "bad", "fear": "bad", "joy": "good", "calm": "good", "pride": "good"}
    found = BY_HAND.folded(("good", "none", "bad"), group)
    assert found.classes == ("good", "none", "bad")
    assert found.counts.tolist() == [[1, 0, 0], [0, 0, 0], [1, 0, 4]]
    with pytest.raises(ValueError, match="'joy', 'calm' belong to no group"):
        BY_HAND.folded(("bad",), {"anger": "bad", "fear": "bad"})
    with pytest.raises(ValueError, match="group 'good' is not one of bad"):
        BY_HAND.folded(("bad",), group)


@given(samples(), st.data())
def test_folding_is_counting_coarser_names(given_samples, data):
    classes, truth, predicted = given_samples
    group = {name: data.draw(st.sampled_from(("a", "b", "c"))) for name in classes}
    found = Confusion.of(classes, truth, predicted).folded(("a", "b", "c"), group)
    names = [[group[classes[i]] for i in one] for one in (truth, predicted)]
    assert found == Confusion.of(("a", "b", "c"), *names)


def test_what_is_no_class_is_named():
    with pytest.raises(ValueError, match="truth 'happy' is not one of anger, fear, joy, calm"):
        Confusion.of(NAMES, ["happy"], ["joy"])
    with pytest.raises(ValueError, match=r"prediction 4 is not one of .* a position from 0 to 3"):
        Confusion.of(NAMES, ["joy"], [4])
    for wrong in ([-1], np.array([-1]), [True], [1.0], np.array([1.0]), [None], [""]):
        with pytest.raises(ValueError, match="is not one of anger"):
            Confusion.of(NAMES, wrong, ["joy"])


def test_series_must_pair_up():
    with pytest.raises(ValueError, match="truth has 2 samples and prediction 1"):
        Confusion.of(NAMES, [0, 1], [0])
    with pytest.raises(ValueError, match=r"prediction has shape \[1, 1\]"):
        Confusion.of(NAMES, [0], np.array([[0]]))
    with pytest.raises(ValueError, match=r"truth has shape \[\]"):
        Confusion.of(NAMES, "joy", "joy")


@pytest.mark.parametrize(
    ("classes", "message"),
    [((), "no classes"), (("a", "b", "a"), "twice"), ("joy", "sequence of names"), ((1,), "names")],
)
def test_classes_must_be_different_names(classes, message):
    with pytest.raises(ValueError, match=message):
        Confusion.of(classes, [], [])


def test_only_like_classes_merge():
    with pytest.raises(ValueError, match="a, b cannot be merged with b, a"):
        Confusion.of(("a", "b"), [0], [0]) + Confusion.of(("b", "a"), [0], [0])
    with pytest.raises(TypeError):
        BY_HAND + 1
    with pytest.raises(TypeError):
        1 + BY_HAND


def test_counts_are_checked_and_cannot_be_changed():
    counts = np.array([[1, 0], [2, 3]], dtype=np.int32)
    found = Confusion(("a", "b"), counts)
    counts[0, 0] = 9
    assert found.counts[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        found.counts[0, 0] = 5
    with pytest.raises(ValueError, match=r"\[2, 2\]; whole numbers \[3, 3\]"):
        Confusion(("a", "b", "c"), counts)
    with pytest.raises(ValueError, match="float64"):
        Confusion(("a", "b"), counts / 2)
    with pytest.raises(ValueError, match="-1; 0 or more"):
        Confusion(("a", "b"), counts - 1)


def test_equality():
    assert Confusion(NAMES, BY_HAND.counts.copy()) == BY_HAND
    assert hash(BY_HAND) == hash(Confusion(NAMES, BY_HAND.counts.copy()))
    assert BY_HAND != BY_HAND + BY_HAND
    assert Confusion(NAMES[::-1], BY_HAND.counts) != BY_HAND
    assert BY_HAND != "something else"


@given(samples())
def test_survives_json_and_pickle(given_samples):
    found = Confusion.of(*given_samples)
    assert Confusion.from_json(json.loads(json.dumps(found.as_json()))) == found
    assert pickle.loads(pickle.dumps(found)) == found


def test_json_is_plain():
    assert Confusion.of(("a", "b"), ["a"], ["b"]).as_json() == {
        "classes": ["a", "b"],
        "counts": [[0, 1], [0, 0]],
    }


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"classes": ["a"]},
        {"classes": 3, "counts": [[0]]},
        {"classes": ["a"], "counts": [[0.5]]},
        {"classes": ["a"], "counts": [["x"]]},
        {"classes": ["a", "b"], "counts": [[0], [0, 1]]},
        {"classes": ["a"], "counts": None},
        [],
    ],
)
def test_other_json_is_an_error(values):
    with pytest.raises(ValueError):  # noqa: PT011
        Confusion.from_json(values)
