import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.gate import VideoKey, VideoTally, tally_from_json
from affectflow.metrics import ClassCounts, CoMoments

KEY = VideoKey("corpus", "anna", "clip 1")


def tally(key=KEY, frames=(0, 1, 2), valence=(0.1, 0.2, 0.3), arousal=(0.5, 0.4, 0.1)):
    labels = {"valence": np.array(valence), "arousal": np.array(arousal)}
    predictions = {
        ("rnn", "valence"): np.linspace(0.0, 1.0, len(frames)),
        ("rnn", "arousal"): np.linspace(1.0, 0.0, len(frames)),
    }
    return VideoTally.of(key, frames, labels, predictions)


def test_each_output_leaves_out_its_own_unlabelled_frames():
    nan = float("nan")
    measured = tally(valence=(0.1, nan, nan), arousal=(0.5, 0.4, nan))
    # Frame 2 has no label at all; frame 1 counts for arousal only.
    assert measured.frames == 2
    assert measured.moments[("rnn", "valence")] == CoMoments.of([0.1], [0.0])
    assert measured.moments[("rnn", "arousal")] == CoMoments.of([0.5, 0.4], [1.0, 0.5])
    # A frame without labels is no part of the evaluated data.
    same = tally(frames=(0, 1), valence=(0.1, nan), arousal=(0.5, 0.4))
    assert measured.digest == same.digest


@given(st.lists(st.floats(-1, 1, width=32), min_size=2, max_size=40), st.randoms())
def test_any_split_and_order_merges_to_the_whole(values, shuffler: random.Random):
    rows = list(enumerate(values))

    def of(part):
        frames = [frame for frame, _ in part]
        numbers = np.array([value for _, value in part])
        labels = {"valence": numbers}
        return VideoTally.of(KEY, frames, labels, {("cnn", "valence"): numbers**2})

    whole = of(rows)
    shuffler.shuffle(rows)
    cut = shuffler.randrange(len(rows) + 1)
    parts = [of(part) if part else VideoTally() for part in (rows[:cut], rows[cut:])]
    merged = parts[1] + parts[0]
    assert (merged.digest, merged.frames) == (whole.digest, whole.frames)
    a, b = merged.moments[("cnn", "valence")], whole.moments[("cnn", "valence")]
    assert a.n == b.n
    assert a.c_xy == pytest.approx(b.c_xy, abs=1e-9)
    assert a.mean_x == pytest.approx(b.mean_x, abs=1e-12)


@pytest.mark.parametrize(
    "other",
    [
        tally(key=VideoKey("corpus", "anna", "clip 2")),
        tally(key=VideoKey("corpus2", "anna", "clip 1")),
        tally(key=VideoKey("corpusc", "anna", "lip 1")),  # names joined without a border
        tally(frames=(0, 1, 3)),
        tally(valence=(0.1, 0.2, 0.31)),
        tally(valence=(0.5, 0.4, 0.1), arousal=(0.1, 0.2, 0.3)),  # outputs swapped
        tally() + tally(),  # every frame twice
        tally(frames=(0, 1), valence=(0.1, 0.2), arousal=(0.5, 0.4)),
    ],
)
def test_other_data_has_another_digest(other):
    assert other.hexdigest != tally().hexdigest


def test_the_digest_does_not_see_predictions():
    labels = {"valence": np.array([0.1, 0.2])}
    one = VideoTally.of(KEY, [0, 1], labels, {("cnn", "valence"): np.array([0.0, 1.0])})
    two = VideoTally.of(KEY, [0, 1], labels, {("rnn", "valence"): np.array([0.5, 0.5])})
    assert one.hexdigest == two.hexdigest


def test_json_keeps_every_bit():
    key = VideoKey("corpus", "Zoë", 'ev"il\nname')
    measured = tally(key=key, valence=(0.1, float("nan"), 1 / 3))
    line = measured.as_json(key)
    assert "\n" not in line
    assert tally_from_json(line) == (key, measured)


CLASSES = ("joy", "fear", "pride")
NAMES = st.sampled_from(("", *CLASSES))


def classified(classes, predicted=None, key=KEY, valence=None):
    """A tally of frames 0, 1, … of which the gender is not known."""
    n = len(classes)
    labels = {} if valence is None else {"valence": np.array(valence)}
    return VideoTally.of(
        key, range(n), labels, {},
        {"expression": classes, "gender": [""] * n},
        {} if predicted is None else {("rnn", "expression"): predicted},
        {"expression": CLASSES},
    )  # fmt: skip


def test_a_frame_counts_when_it_has_a_label_or_a_class():
    nan = float("nan")
    measured = classified(
        ["joy", "", "", "fear"], ["joy", "joy", "", "pride"], valence=[nan, nan, 0.5, 0.25]
    )
    assert measured.frames == 3
    assert measured.confusions == {
        ("rnn", "expression"): ClassCounts.of(CLASSES, ["joy", "fear"], ["joy", "pride"])
    }
    assert measured.digest == (
        classified(["joy", "", "", "fear"], valence=[nan, nan, 0.5, 0.25]).digest
    )


def test_a_class_without_a_prediction_is_missing():
    counts = classified(["joy", "joy", ""], ["joy", "", ""]).confusions[("rnn", "expression")]
    assert (counts.missing, counts.total) == (1, 2)


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=30), st.randoms())
def test_any_split_and_order_of_classes_merges_to_the_whole(pairs, shuffler: random.Random):
    rows = list(enumerate(pairs))

    def of(part):
        columns = {"expression": [truth for _, (truth, _) in part]}
        guesses = {("classifier", "expression"): [guess for _, (_, guess) in part]}
        frames = [frame for frame, _ in part]
        return VideoTally.of(KEY, frames, {}, {}, columns, guesses, {"expression": CLASSES})

    whole = of(rows)
    shuffler.shuffle(rows)
    cut = shuffler.randrange(len(rows) + 1)
    for parts in ((rows[:cut], rows[cut:]), (rows[cut:], rows[:cut])):
        assert sum(map(of, parts), start=VideoTally()) == whole
    assert tally_from_json(whole.as_json(KEY)) == (KEY, whole)


def test_the_digest_covers_classes_where_there_are_any():
    labels = {"valence": np.array([0.1, 0.2])}
    bare = VideoTally.of(KEY, range(2), labels, {})
    assert classified(["", ""], valence=[0.1, 0.2]).digest == bare.digest
    assert bare.hexdigest == (  # As releases have it that know nothing of classes.
        "a5e374fce3754781c16d72bffc67ce28e440a49431485d134559d5c3ae2a98f0"
    )
    digests = {
        classified(names, valence=[0.1, 0.2]).digest
        for names in (["", ""], ["joy", ""], ["", "joy"], ["fear", ""], ["joy", "joy"])
    }
    assert len(digests) == 5
    other = VideoTally.of(KEY, [0], {}, {}, {"gender": ["joy"]})
    assert other.digest != VideoTally.of(KEY, [0], {}, {}, {"expression": ["joy"]}).digest


def test_a_prediction_of_no_class_is_an_error():
    with pytest.raises(ValueError, match="prediction 'calm' is not one of joy, fear, pride"):
        classified(["joy"], ["calm"])
