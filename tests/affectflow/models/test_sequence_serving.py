"""How a sequence model is run over whole runs: window by window, or with its state carried."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from affectflow.models import sequence_serving
from affectflow.models.rnn import build_rnn
from affectflow.models.sequence_serving import SequenceServing
from affectflow.models.settings import RnnSettings

DIM = 6


def rnn_of(window: int, cell: str = "gru10_10_5") -> keras.Model:
    model = build_rnn(RnnSettings(cell=cell, window=window, seed=3), feature_dim=DIM)
    # Biases begin at zero, where leaving one out would show in nothing.
    rng = np.random.default_rng(1)
    model.set_weights([w + rng.normal(0, 0.3, w.shape) for w in model.get_weights()])
    return model


def features(batch: int, length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(batch, length, DIM)).astype(np.float32)


def by_definition(model: keras.Model, run: np.ndarray, window: int, label: str) -> np.ndarray:
    """Frame t by the model of the window that ends at it, or before it: one window after another.

    The first frames have a window of what there is; of a model of the next frame, the first frame
    of all has what the first step says.
    """
    config = model.get_config()
    rows = []
    for t in range(len(run)):
        stop = t + 1 if label == "last" else max(t, 1)
        part = run[max(0, stop - window) : stop]
        # The same layers for another length.
        shorter = keras.Model.from_config(_of_length(config, len(part)))
        shorter.set_weights(model.get_weights())
        rows.append(shorter(part[np.newaxis], training=False).numpy()[0])
    return np.array(rows)


def _of_length(config: dict, length: int) -> dict:
    layers = [
        {**layer, "config": {**layer["config"], "batch_shape": (None, length, DIM)}}
        if layer["class_name"] == "InputLayer"
        else layer
        for layer in config["layers"]
    ]
    return {**config, "layers": layers}


@pytest.mark.parametrize("label", ["next", "last"])
@pytest.mark.parametrize("window", [1, 4])
def test_each_frame_is_told_by_its_own_window(window, label):
    model, run = rnn_of(window), features(1, 9)
    found = SequenceServing(model, label, "windowed").outputs(run).numpy()[0]
    np.testing.assert_allclose(found, by_definition(model, run[0], window, label), atol=1e-5)


def test_what_is_older_than_a_window_says_nothing_and_with_a_carried_state_it_does():
    model, run = rnn_of(4), features(1, 12)
    changed = run.copy()
    changed[:, :3] += 5
    for state, told in (("windowed", False), ("carried", True)):
        serving = SequenceServing(model, "last", state)
        before, after = (serving.outputs(x).numpy()[0] for x in (run, changed))
        # Frames 6 and later have windows that begin at frame 3.
        assert np.allclose(before[6:], after[6:], atol=1e-6) != told
        assert not np.allclose(before[:3], after[:3], atol=1e-3)


@pytest.mark.parametrize("label", ["next", "last"])
def test_both_say_the_same_up_to_the_first_whole_window(label):
    model, run = rnn_of(5), features(2, 12)
    windowed, carried = (
        SequenceServing(model, label, state).outputs(run).numpy()
        for state in ("windowed", "carried")
    )
    whole = 5 if label == "last" else 6
    np.testing.assert_allclose(windowed[:, :whole], carried[:, :whole], atol=1e-6)
    assert np.abs(windowed[:, whole:] - carried[:, whole:]).max() > 1e-3


@pytest.mark.parametrize("label", ["next", "last"])
@pytest.mark.parametrize("lengths", [(20,), (1,) * 20, (3, 1, 9, 7)])
def test_a_windowed_run_in_parts_is_the_run(label, lengths):
    serving = SequenceServing(rnn_of(4), label, "windowed")
    run = features(2, 20)
    whole = serving.outputs(run).numpy()
    state, start, parts = tf.zeros([2, serving.state_size]), 0, []
    for length in lengths:
        found, state = serving.stream(run[:, start : start + length], state)
        parts.append(found.numpy())
        start += length
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, atol=1e-6)
    # Three vectors, the layers' 25 numbers, and how many frames there were; bounded.
    assert serving.state_size == 3 * DIM + 25 + 1 + (3 if label == "next" else 0)


def test_runs_that_began_at_different_times_share_a_call():
    serving = SequenceServing(rnn_of(4), "next", "windowed")
    early, late = features(1, 10, seed=1), features(1, 3, seed=2)
    _, before = serving.stream(early[:, :7], tf.zeros([1, serving.state_size]))
    state = tf.concat([before, tf.zeros_like(before)], axis=0)
    found, _ = serving.stream(np.concatenate([early[:, 7:], late]), state)
    np.testing.assert_allclose(found[0], serving.outputs(early)[0, 7:], atol=1e-6)
    np.testing.assert_allclose(found[1], serving.outputs(late)[0], atol=1e-6)


def test_windows_in_groups_are_the_windows(monkeypatch):
    model, run = rnn_of(4), features(3, 50)
    expected = SequenceServing(model, "last", "windowed").outputs(run).numpy()
    # 150 windows in groups of 64, the last of which is not full.
    monkeypatch.setattr(sequence_serving, "_WINDOWS", 64)
    found = SequenceServing(model, "last", "windowed").outputs(run).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_another_state_is_a_programming_error():
    with pytest.raises(ValueError, match="state is 'kept'; windowed or carried would do"):
        SequenceServing(rnn_of(4), "last", "kept")
