"""The learning rate is cut on a plateau, and training ends when it has been cut too often."""

from __future__ import annotations

import itertools
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.settings import CnnSettings
from affectflow.training.fit import fit
from affectflow.training.plateau import cuts, is_cut, next_rate

SETTINGS = ClassifierSettings(
    network="deep_cnn", learning_rate=1e-3, decay=0.0, plateau_patience=2, plateau_factor=0.1,
    min_learning_rate=1e-5, patience=0, epochs=20, batch_size=4, optimizer="adam", judge="loss",
    expressions="joy,fear",
)  # fmt: skip


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([], 0),
        ([1.0], 0),
        # Two epochs no better than the first, then two more.
        ([1.0, 1.0, 1.0], 1),
        ([1.0, 1.0, 1.0, 1.0, 1.0], 2),
        # A better one in between counts from anew.
        ([1.0, 1.0, 0.9, 1.0, 0.9], 1),
        ([1.0, 0.9, 0.8, 0.7], 0),
    ],
)
def test_cuts(losses, expected):
    assert cuts(losses, 2) == expected
    assert cuts(losses, 0) == 0


@given(st.lists(st.floats(0, 1), max_size=30), st.integers(1, 5))
def test_a_longer_history_is_never_cut_less(losses, patience):
    counts = [cuts(losses[:n], patience) for n in range(len(losses) + 1)]
    assert counts == sorted(counts)
    assert all(after - before <= 1 for before, after in itertools.pairwise(counts))


def test_the_rate_ends_below_its_least():
    flat = [1.0] * 10
    assert next_rate(SETTINGS, flat[:1]) == pytest.approx(1e-3)
    assert next_rate(SETTINGS, flat[:3]) == pytest.approx(1e-4)
    assert next_rate(SETTINGS, flat[:7]) == 0.0
    assert is_cut(SETTINGS)
    assert not is_cut(replace(SETTINGS, plateau_patience=0))
    assert not is_cut(CnnSettings())


def test_a_fit_that_gets_no_better_is_cut_and_ends(tmp_path):
    image = keras.Input((2,))
    output = keras.layers.Dense(2, "softmax", name="expression")(image)
    model = keras.Model(image, {"expression": output})
    # Labels that no input tells apart: the loss stays at ln 2 from the first epoch on.
    x, labels = np.zeros((4, 2), np.float32), np.array([0, 1, 0, 1], np.int32)
    data = tf.data.Dataset.from_tensors((x, {"expression": labels}))
    rates = []
    result = fit(
        model, lambda epoch: data, data, SETTINGS, tmp_path / "work", tmp_path / "log",
        on_epoch=lambda epoch, logs: rates.append(float(model.optimizer.learning_rate)),
    )  # fmt: skip
    assert rates[0] == pytest.approx(1e-3)
    assert min(rates) >= 1e-5 * (1 - 1e-6)
    assert sorted(rates, reverse=True) == rates
    assert result.stopped_early
    assert len(result.history) < 20
