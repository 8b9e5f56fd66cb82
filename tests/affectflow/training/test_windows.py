"""Windows never cross a gap, have the right label, and are all there."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affectflow.errors import InputError
from affectflow.models.settings import RnnSettings
from affectflow.training.windows import WindowData, window_starts

lengths = st.lists(st.integers(0, 60), max_size=6)


@given(lengths, st.integers(1, 30), st.sampled_from(["next", "last"]), st.integers(1, 7))
def test_counts_and_bounds(run_lengths, window, label, stride):
    starts, targets = window_starts(run_lengths, window, label, stride)
    reach = window if label == "next" else window - 1
    expected = sum(math.ceil(max(length - reach, 0) / stride) for length in run_lengths)
    assert len(starts) == len(targets) == expected
    run_of = np.repeat(np.arange(len(run_lengths)), run_lengths)
    for start, target in zip(starts, targets):
        assert target == start + reach
        # Window and labelled frame are of one run.
        assert len(set(run_of[start : target + 1])) == 1
    assert len(set(starts)) == expected


def test_the_papers_count():
    # Stride 1, next frame: a run of T frames has T − 100 windows.
    assert [len(window_starts([t], 100, "next").starts) for t in (99, 100, 101, 350)] == [
        0,
        0,
        1,
        250,
    ]
    assert len(window_starts([350, 120], 100, "last").starts) == 251 + 21


def test_unknown_label():
    with pytest.raises(ValueError, match="next or last"):
        window_starts([10], 3, "middle")


def runs(*run_lengths: int, missing: float = 0.0):
    """Runs whose feature 0 is the frame's number over all runs and whose valence is that too."""
    rng = np.random.default_rng(0)
    frame = np.split(np.arange(sum(run_lengths)), np.cumsum(run_lengths)[:-1])
    out = []
    for numbers in frame:
        features = np.stack([numbers, -numbers, np.ones_like(numbers)], axis=1).astype(np.float32)
        labels = np.stack([numbers, 1000 + numbers], axis=1).astype(np.float64)
        labels[rng.random(len(numbers)) < missing] = np.nan
        out.append((features, labels))
    return out


SETTINGS = RnnSettings(window=5, batch_size=4)


def gathered(dataset) -> tuple[np.ndarray, np.ndarray]:
    parts = list(dataset.as_numpy_iterator())
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def every_window(given, settings: RnnSettings) -> tuple[np.ndarray, np.ndarray]:
    """Each window once, in order: an epoch of batches of one, by the number of the first frame."""
    x, y = gathered(WindowData(given, replace(settings, batch_size=1)).train(0))
    order = np.argsort(x[:, 0, 0])
    return x[order], y[order]


@pytest.mark.parametrize(("label", "ahead"), [("next", 1), ("last", 0)])
def test_each_window_has_its_frames_and_its_label(label, ahead):
    settings = replace(SETTINGS, label=label)
    data = WindowData(runs(12, 3, 9), settings)
    x, y = every_window(runs(12, 3, 9), settings)
    assert x.shape == (data.count, 5, 3)
    assert data.count == 12 + 9 - 2 * (4 + ahead)
    np.testing.assert_array_equal(x[:, :, 0], x[:, :1, 0] + np.arange(5))
    np.testing.assert_array_equal(y[:, 0], x[:, -1, 0] + ahead)
    np.testing.assert_array_equal(y[:, 1], y[:, 0] + 1000)
    assert x.dtype == y.dtype == np.float32


def test_windows_without_a_label_are_left_out():
    given_runs = runs(40, 30, missing=0.4)
    data = WindowData(given_runs, replace(SETTINGS, label="last"))
    _, y = every_window(given_runs, replace(SETTINGS, label="last"))
    valence = [labels[4:, 0] for _, labels in given_runs]
    np.testing.assert_array_equal(y[:, 0], np.concatenate([v[~np.isnan(v)] for v in valence]))
    assert 0 < data.count < 36 + 26


def test_a_label_is_whole_for_the_outputs_asked_for():
    features, labels = runs(12)[0]
    labels[:, 1] = np.nan
    with pytest.raises(InputError):
        WindowData([(features, labels)], SETTINGS)
    only = WindowData([(features, labels)], replace(SETTINGS, outputs="valence"))
    assert only.count == 7
    assert every_window([(features, labels)], only.settings)[1].shape == (7, 1)


def test_training_order_stride_and_steps():
    given_runs = runs(60, 50)
    data = WindowData(given_runs, SETTINGS)
    assert (data.count, data.steps, len(data.train(0))) == (100, 25, 25)
    first, again, second = (gathered(data.train(e))[1][:, 0] for e in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, second)
    assert len(set(first)) == len(set(second)) == 100
    few = replace(SETTINGS, stride=10, steps_per_epoch=9)
    strided = WindowData(given_runs, few)
    assert strided.count == 6 + 5
    assert len(gathered(strided.train(0))[1]) == 36


def test_too_short_runs_are_an_error():
    with pytest.raises(InputError, match=r"window is 5.*3 runs.*longest has 5"):
        WindowData(runs(5, 2, 5), SETTINGS)
    with pytest.raises(InputError, match="0 runs"):
        WindowData([], SETTINGS)
