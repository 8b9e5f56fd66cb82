"""The optimiser steps as the paper's Keras 2 one did."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from affectflow.models.settings import CnnSettings, TrainSettings
from affectflow.training.optimizer import InverseTimeDecay, optimizer_for


def test_schedule():
    schedule = InverseTimeDecay(0.01, 1e-5)
    # Step 100 000 halves it: .01 / (1 + 1).
    assert [float(schedule(s)) for s in (0, 100_000)] == pytest.approx([0.01, 0.005])
    again = keras.optimizers.schedules.deserialize(keras.optimizers.schedules.serialize(schedule))
    assert float(again(100_000)) == pytest.approx(0.005)


def test_sgd_with_momentum_by_hand():
    # v ← .9·v − lr·g, w ← w + v with g = 1 and lr = .1/(1 + t): v is −.1, then −.14.
    optimizer = optimizer_for(TrainSettings(learning_rate=0.1, decay=1.0))
    weight = keras.Variable(np.zeros(1, np.float32))
    optimizer.build([weight])
    seen = []
    for _ in range(2):
        optimizer.apply([np.ones(1, np.float32)])
        seen.append(float(weight[0]))
    assert seen == pytest.approx([-0.1, -0.1 - 0.14])


def test_by_name_and_precision():
    assert isinstance(optimizer_for(TrainSettings(optimizer="adam")), keras.optimizers.Adam)
    assert optimizer_for(TrainSettings()).nesterov is False
    scaled = optimizer_for(CnnSettings(mixed_precision="float16"))
    assert isinstance(scaled, keras.optimizers.LossScaleOptimizer)
    assert isinstance(scaled.inner_optimizer, keras.optimizers.SGD)
