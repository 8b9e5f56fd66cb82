"""Cross-entropy and accuracy of labels of which some are unknown, by hand."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from affectflow.models.class_losses import (
    UNKNOWN,
    KnownAccuracy,
    KnownCrossentropy,
    PooledCrossentropy,
)

PROBABILITIES = np.array([[0.5, 0.25, 0.25], [0.125, 0.5, 0.375], [0.2, 0.2, 0.6]], np.float32)
LABELS = np.array([1, UNKNOWN, 2])
LOSS = -(np.log(0.25) + np.log(0.6)) / 2


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_unknown_labels_do_not_count(shape):
    labels = LABELS.reshape(shape)
    assert float(KnownCrossentropy()(labels, PROBABILITIES)) == pytest.approx(LOSS, rel=1e-6)
    accuracy = KnownAccuracy()
    accuracy.update_state(labels, PROBABILITIES)
    assert float(accuracy.result()) == 0.5


def test_nothing_known_is_no_loss_and_no_gradient():
    probabilities = tf.Variable(PROBABILITIES)
    with tf.GradientTape() as tape:
        loss = KnownCrossentropy()(np.full(3, UNKNOWN), probabilities)
    assert float(loss) == 0
    np.testing.assert_array_equal(tape.gradient(loss, probabilities), np.zeros((3, 3)))
    for metric in (KnownAccuracy(), PooledCrossentropy()):
        assert float(metric.result()) == 0
        metric.update_state(np.full(3, UNKNOWN), PROBABILITIES)
        assert float(metric.result()) == 0


def test_the_gradient_of_an_unknown_label_is_zero():
    probabilities = tf.Variable(PROBABILITIES)
    with tf.GradientTape() as tape:
        loss = KnownCrossentropy()(LABELS, probabilities)
    gradient = tape.gradient(loss, probabilities).numpy()
    np.testing.assert_array_equal(gradient[1], 0)
    # Keras divides probabilities by their sum, so that p is pulled by 1 − 1/p, the others by 1.
    np.testing.assert_allclose(gradient[0], np.array([1, 1 - 1 / 0.25, 1]) / 2, rtol=1e-5)


def test_metrics_pool_over_batches_by_what_is_known():
    pooled, accuracy = PooledCrossentropy(), KnownAccuracy()
    for labels in (LABELS, np.array([0, 1, 2])):
        pooled.update_state(labels, PROBABILITIES)
        accuracy.update_state(labels, PROBABILITIES)
    losses = -np.log([0.25, 0.6, 0.5, 0.5, 0.6])
    assert float(pooled.result()) == pytest.approx(losses.mean(), rel=1e-6)
    assert float(accuracy.result()) == pytest.approx(4 / 5)
    pooled.reset_state()
    assert float(pooled.result()) == 0


def test_half_precision_probabilities_are_judged_in_float32():
    half = tf.cast(PROBABILITIES, tf.bfloat16)
    expected = float(KnownCrossentropy()(LABELS, tf.cast(half, tf.float32)))
    assert float(KnownCrossentropy()(LABELS, half)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("kind", [KnownCrossentropy, KnownAccuracy, PooledCrossentropy])
def test_are_saved_by_name(kind):
    text = keras.saving.serialize_keras_object(kind(name="of"))
    found = keras.saving.deserialize_keras_object(text)
    assert isinstance(found, kind)
    assert found.name == "of"
