"""Losses and the pooled metric against NumPy."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from affectflow.metrics import ccc
from affectflow.models.losses import CccLoss, PooledCcc, loss_for, metrics_for
from affectflow.models.settings import CnnSettings, RnnSettings


def labels_and_predictions(seed: int, n: int = 50) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, size=(n, 2)).astype(np.float32)
    return x, (0.5 * x + rng.normal(0, 0.3, size=(n, 2)) + 0.1).astype(np.float32)


@given(st.integers(0, 1000), st.integers(2, 200))
@settings(max_examples=25, deadline=None)
def test_ccc_loss_is_one_minus_the_mean_ccc(seed, n):
    x, y = labels_and_predictions(seed, n)
    expected = 1 - (ccc(x[:, 0], y[:, 0]) + ccc(x[:, 1], y[:, 1])) / 2
    assert float(CccLoss()(x, y)) == pytest.approx(expected, abs=1e-5)


def test_ccc_loss_at_its_ends():
    x, _ = labels_and_predictions(0)
    x -= x.mean(axis=0)
    assert float(CccLoss()(x, x)) == pytest.approx(0.0, abs=1e-5)
    assert float(CccLoss()(x, -x)) == pytest.approx(2.0, abs=1e-5)
    same = np.full((4, 2), 0.25, np.float32)
    assert float(CccLoss()(same, same)) == pytest.approx(1.0)


def test_gradient_is_finite_from_a_constant_prediction():
    x, _ = labels_and_predictions(0)
    y = tf.Variable(np.zeros_like(x))
    with tf.GradientTape() as tape:
        loss = CccLoss()(x, y)
    gradient = tape.gradient(loss, y).numpy()
    assert np.isfinite(gradient).all()
    # It points along the labels: that is the way towards agreement.
    assert np.corrcoef(-gradient[:, 0], x[:, 0])[0, 1] > 0.99


def test_half_precision_predictions_are_judged_in_float32():
    x, y = labels_and_predictions(1, 400)
    half = tf.cast(y, tf.bfloat16)
    expected = float(CccLoss()(x, tf.cast(half, tf.float32)))
    assert float(CccLoss()(x, half)) == pytest.approx(expected, abs=1e-6)
    assert CccLoss()(x, half).dtype == tf.float32


def test_losses_by_name():
    x, y = labels_and_predictions(2)
    mse = float(loss_for(CnnSettings(loss="mse"))(x, y))
    assert mse == pytest.approx(np.mean((x - y) ** 2), rel=1e-5)
    assert isinstance(loss_for(RnnSettings(loss="ccc")), CccLoss)


def test_pooled_over_batches_not_averaged():
    # Two calm batches about different levels: agreement lies between them, not within.
    x, y = labels_and_predictions(3, 300)
    order = np.argsort(x[:, 0])
    x, y = x[order], y[order]
    metric = PooledCcc(0)
    for part in np.array_split(np.arange(300), 7):
        metric.update_state(x[part], y[part])
    assert float(metric.result()) == pytest.approx(ccc(x[:, 0], y[:, 0]), abs=1e-9)
    parts = np.array_split(np.arange(300), 7)
    averaged = np.mean([ccc(x[p, 0], y[p, 0]) for p in parts])
    assert averaged < float(metric.result()) - 0.2


def test_metric_column_reset_and_edge_cases():
    x, y = labels_and_predictions(4)
    metric = PooledCcc(1)
    assert float(metric.result()) == 0.0
    metric.update_state(x, y)
    assert float(metric.result()) == pytest.approx(ccc(x[:, 1], y[:, 1]), abs=1e-9)
    metric.reset_state()
    constant = np.full((5, 2), 0.1)
    metric.update_state(constant, constant)
    assert float(metric.result()) == 0.0
    metric.update_state(x, y * np.nan)
    assert np.isnan(float(metric.result()))


def test_metric_names():
    assert [m.name for m in metrics_for(CnnSettings())] == ["ccc_valence", "ccc_arousal"]
    only = metrics_for(CnnSettings(outputs="arousal"))
    assert [(m.name, m.column) for m in only] == [("ccc_arousal", 0)]


def test_a_compiled_model_is_saved_with_them(tmp_path):
    given = CnnSettings()
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", loss=loss_for(given), metrics=metrics_for(given))
    x = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    y, _ = labels_and_predictions(0, 40)
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    assert isinstance(again.loss, CccLoss)
    before, after = (m.evaluate(x, y, verbose=0, return_dict=True) for m in (model, again))
    assert after == pytest.approx(before, abs=1e-6)
