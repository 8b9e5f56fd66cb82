"""A snapshot is whole or absent."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from affectflow.errors import AffectflowError
from affectflow.models.settings import TrainSettings
from affectflow.training import snapshot
from affectflow.training.optimizer import optimizer_for
from tests.damage import nicked
from tests.torture import cases, rng


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
    snapshot.save_best(tmp_path, model, 1)
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


def kept(folder: Path, bias: float, best: int = 1) -> Path:
    """A training of three epochs, of which ``best`` was the best."""
    model = compiled(bias)
    for epoch in range(best + 1):
        snapshot.save_best(folder, model, epoch)
    snapshot.save(folder, model, snapshot.Progress(3, best, 0.25), {"seed": 0})
    return folder


def begins_anew(folder: Path, caplog, words: str) -> bool:
    """Whether nothing is gone on from, and the log says why."""
    model = compiled(9.0)
    with caplog.at_level(logging.WARNING):
        found = snapshot.restore(folder, model, {"seed": 0})
    np.testing.assert_array_equal(model.get_weights()[1], [9.0, 9.0])
    return found is None and f"{folder} is not gone on from" in caplog.text and words in caplog.text


def test_of_the_best_weights_the_last_stay(tmp_path):
    folder = kept(tmp_path / "a", 1.0)
    assert sorted(path.name for path in folder.iterdir()) == ["best.1.npz", "state.npz"]
    model = compiled(0.0)
    snapshot.restore_best(folder, model, 1)
    np.testing.assert_array_equal(model.get_weights()[1], [1.0, 1.0])


@pytest.mark.parametrize("name", ["state.npz", "best.1.npz"])
def test_the_files_of_another_training_are_not_gone_on_from(tmp_path, caplog, name):
    one, other = kept(tmp_path / "one", 1.0), kept(tmp_path / "other", 2.0)
    shutil.copyfile(other / name, one / name)
    assert begins_anew(one, caplog, "of training 'other'")
    assert snapshot.restore(other, compiled(0.0), {"seed": 0}).epochs_done == 3


def test_the_weights_of_another_epoch_are_not_the_best(tmp_path, caplog):
    one, other = kept(tmp_path / "a/same", 1.0), kept(tmp_path / "b/same", 2.0, best=2)
    shutil.copyfile(other / "best.2.npz", one / "best.1.npz")
    assert begins_anew(one, caplog, "of epoch 2, not 1")
    with pytest.raises(AffectflowError, match=r"best\.1\.npz cannot be read back .*run again"):
        snapshot.restore_best(one, compiled(0.0), 1)
    (one / "best.1.npz").unlink()
    assert begins_anew(one, caplog, "best.1.npz is missing")


@pytest.mark.torture
def test_a_mutated_snapshot_is_as_it_was_or_begins_anew(tmp_path):
    """Bytes changed, cut or exchanged in either file: never other weights, never another error."""
    draw = rng("snapshots")
    folder = kept(tmp_path / "a", 1.0)
    whole = {path: path.read_bytes() for path in folder.iterdir()}
    model = compiled(9.0)
    nothing = [np.array(weights) for weights in model.get_weights()]
    anew = 0
    for _ in range(cases(small=60, large=5000)):
        path = sorted(whole)[int(draw.integers(len(whole)))]
        path.write_bytes(nicked(whole[path], draw))
        model.set_weights(nothing)
        found = snapshot.restore(folder, model, {"seed": 0})
        if found is None:
            anew += 1
            np.testing.assert_array_equal(model.get_weights()[1], [9.0, 9.0])
        else:
            assert found == snapshot.Progress(3, 1, 0.25)
            np.testing.assert_array_equal(model.get_weights()[1], [1.0, 1.0])
            snapshot.restore_best(folder, model, 1)
            np.testing.assert_array_equal(model.get_weights()[1], [1.0, 1.0])
        path.write_bytes(whole[path])
    assert anew
