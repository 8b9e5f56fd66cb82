"""A snapshot is whole or absent."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from affectflow.models.settings import TrainSettings
from affectflow.training import snapshot
from affectflow.training.optimizer import optimizer_for


def compiled(bias: float) -> keras.Model:
    x = keras.Input((3,))
    start = keras.initializers.Constant(bias)
    model = keras.Model(x, keras.layers.Dense(2, bias_initializer=start)(x))
    model.compile(optimizer_for(TrainSettings()), "mse")
    model.optimizer.build(model.trainable_variables)
    return model


def test_restores_weights_optimiser_and_progress(tmp_path):
    model = compiled(0.5)
    model.fit(np.ones((8, 3), np.float32), np.zeros((8, 2), np.float32), batch_size=2, verbose=0)
    progress = snapshot.Progress(3, 1, 0.25, 2, [{"loss": 1.0}, {"loss": 0.5}])
    snapshot.save(tmp_path, model, progress, {"seed": 0})
    other = compiled(0.0)
    assert snapshot.restore(tmp_path, other, {"seed": 0}) == progress
    for a, b in zip(
        [*model.weights, *model.optimizer.variables], [*other.weights, *other.optimizer.variables]
    ):
        np.testing.assert_array_equal(a, b)
    assert int(other.optimizer.iterations) == 4  # 8 examples in batches of 2


def test_nothing_saved_is_nothing(tmp_path):
    assert snapshot.restore(tmp_path / "none", compiled(0.0), {}) is None


def test_a_failed_write_leaves_the_former_state(tmp_path, monkeypatch):
    snapshot.save(tmp_path, compiled(1.0), snapshot.Progress(1), {})

    def full_disk(file, **arrays):
        file.write(b"half a file")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(np, "savez", full_disk)
        with pytest.raises(OSError, match="No space left"):
            snapshot.save(tmp_path, compiled(2.0), snapshot.Progress(2), {})
    model = compiled(0.0)
    assert snapshot.restore(tmp_path, model, {}).epochs_done == 1
    np.testing.assert_array_equal(model.get_weights()[1], [1.0, 1.0])
    # The next whole write takes the place of what was left behind.
    snapshot.save(tmp_path, compiled(3.0), snapshot.Progress(2), {})
    assert [p.name for p in tmp_path.iterdir()] == [snapshot.STATE_FILE]
