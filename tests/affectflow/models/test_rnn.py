"""The RNNs' shapes, the sequence model, and the paper's published weights."""

from __future__ import annotations

import h5py
import keras
import numpy as np
import pytest

from affectflow.models.rnn import build_rnn, carried_model
from affectflow.models.settings import RnnSettings
from tests.realdata import CHECKPOINT

SMALL = RnnSettings(window=6)


def runs(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def every_step(model: keras.Model, x: np.ndarray) -> np.ndarray:
    """What the carried model says of runs that begin at their first step."""
    carried = carried_model(model)
    return carried([x, np.zeros((len(x), carried.input[1].shape[1]), np.float32)])[0].numpy()


@pytest.mark.parametrize(
    ("cell", "parameters"), [("simple1", 40_302), ("gru1", 120_802), ("gru3", 204_102)]
)
def test_has_the_papers_parameters(cell, parameters):
    # GRU with reset_after: 3·(units·(inputs + units) + 2·units); SimpleRNN: units·(inputs + units
    # + 1); Dense: 2·(units + 1).
    model = build_rnn(RnnSettings(cell=cell))
    assert model.count_params() == parameters
    assert model.input.shape == (None, 100, 300)
    assert model.output.shape == (None, 2)


@pytest.mark.parametrize("cell", ["simple1", "gru1", "gru3"])
def test_every_step_ends_as_the_window_model(cell):
    model = build_rnn(RnnSettings(cell=cell, window=6), feature_dim=5)
    x = runs(3, 6, 5)
    found = every_step(model, x)
    assert found.shape == (3, 6, 2)
    np.testing.assert_allclose(found[:, -1], model.predict(x, verbose=0), atol=1e-6)


def test_carries_its_state_and_shares_its_weights():
    model = build_rnn(SMALL, feature_dim=5)
    carried = carried_model(model)
    assert [id(w) for w in carried.weights] == [id(w) for w in model.weights]
    x = runs(1, 40, 5)
    long = every_step(model, x)
    # Causal: what comes later changes nothing before; carried: what came first is still felt.
    first, state = carried([x[:, :25], np.zeros((1, 250), np.float32)])
    np.testing.assert_allclose(first, long[:, :25], atol=1e-6)
    np.testing.assert_allclose(carried([x[:, 25:], np.asarray(state)])[0], long[:, 25:], atol=1e-6)
    assert np.abs(every_step(model, x[:, 1:])[:, 3] - long[:, 4]).max() > 1e-4
    model.get_layer("dense").bias.assign_add([1.0, 0.0])
    np.testing.assert_allclose(
        every_step(model, x) - long, np.broadcast_to([1.0, 0.0], (1, 40, 2)), atol=1e-6
    )


def test_one_output():
    model = build_rnn(RnnSettings(window=6, outputs="arousal"), feature_dim=5)
    assert model.output.shape == (None, 1)
    assert every_step(model, runs(2, 9, 5)).shape == (2, 9, 1)


def test_equal_seeds_give_equal_weights():
    first, again, other = (
        build_rnn(RnnSettings(window=6, seed=s), feature_dim=5).get_weights() for s in (1, 1, 2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again))
    assert not np.array_equal(first[0], other[0])
    # Layers of one shape must not start alike: gru_1's recurrent kernel is gru's in shape.
    assert not np.array_equal(first[1], first[4])


def test_normalised_features_are_the_plain_model_on_scaled_features():
    mean, variance = runs(5), runs(5) ** 2 + 0.5
    plain = build_rnn(SMALL, 5)
    scaled = build_rnn(RnnSettings(window=6, normalize="features"), 5, mean, variance)
    assert scaled.count_params() == plain.count_params()
    x = runs(2, 6, 5)
    np.testing.assert_allclose(scaled(x * np.sqrt(variance) + mean), plain(x), atol=1e-5)
    np.testing.assert_allclose(every_step(scaled, x)[:, -1], scaled(x), atol=1e-6)
    with pytest.raises(ValueError, match="feature_mean"):
        build_rnn(RnnSettings(normalize="features"))


def test_saved_and_loaded_again(tmp_path):
    model = build_rnn(RnnSettings(window=6, normalize="features"), 5, runs(5), runs(5) ** 2 + 1)
    model.save(tmp_path / "rnn.keras")
    again = keras.models.load_model(tmp_path / "rnn.keras")
    x = runs(2, 6, 5)
    np.testing.assert_allclose(again(x), model(x), atol=1e-6)


@pytest.mark.skipif(not CHECKPOINT.exists(), reason=f"no {CHECKPOINT} (AFFECTFLOW_REALDATA)")
def test_published_weights_load():
    model = build_rnn(RnnSettings())
    model.load_weights(CHECKPOINT)
    with h5py.File(CHECKPOINT) as file:
        stored = file["model_weights"]
        for layer, path in {
            "gru": "gru/gru/gru_cell",
            "gru_1": "gru_1/gru_1/gru_cell_1",
            "gru_2": "gru_2/gru_2/gru_cell_2",
            "dense": "dense/dense",
        }.items():
            for weight in model.get_layer(layer).weights:
                np.testing.assert_array_equal(weight, stored[f"{path}/{weight.name}:0"])
    output = every_step(model, runs(2, 120, 300))
    assert np.isfinite(output).all()
    assert np.abs(output).max() < 3
