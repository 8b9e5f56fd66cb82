"""Training: it learns, keeps the best, stops in time, and a kill changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from affectflow import progress
from affectflow.errors import AffectflowError, InputError
from affectflow.metrics import ccc
from affectflow.models.settings import TrainSettings
from affectflow.training.fit import DONE_FILE, fit
from affectflow.training.order import epoch_batches

SETTINGS = TrainSettings(epochs=5, batch_size=16, learning_rate=0.05, patience=0)
LABELS = ("valence", "arousal")


def small_model(seed: int = 0, dtype: str = "float32") -> keras.Model:
    """A network with dropout, so that a resume has a random state to carry on."""
    x = keras.Input((6,))
    h = keras.layers.Dense(
        12, "tanh", kernel_initializer=keras.initializers.GlorotUniform(seed), dtype=dtype
    )(x)
    h = keras.layers.Dropout(0.3, seed=seed)(h)
    y = keras.layers.Dense(
        2, kernel_initializer=keras.initializers.GlorotUniform(seed + 1), dtype="float32"
    )(h)
    return keras.Model(x, y, name="small")


def examples(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 6)).astype(np.float32)
    y = np.tanh(x[:, :2] - x[:, 2:4]) + rng.normal(0, 0.05, (count, 2))
    return x, y.astype(np.float32)


X, Y = examples(160, 0)
VALID_X, VALID_Y = examples(100, 1)


def train(epoch: int) -> tf.data.Dataset:
    order = epoch_batches(len(X), 16, 0, 0, epoch)
    return tf.data.Dataset.from_tensor_slices((X[order], Y[order]))


def validation() -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices((VALID_X, VALID_Y)).batch(16)


def run(folder, settings=SETTINGS, model=None, on_epoch=None, train=train, validation=validation):
    model = model or small_model()
    result = fit(model, train, validation(), settings, folder / "work", folder / "logs", on_epoch)
    return model, result


def test_each_epoch_is_a_line_in_the_log(tmp_path, caplog):
    caplog.set_level("INFO", progress.LOGGER.name)
    _, result = run(tmp_path)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 5
    for number, (line, logs) in enumerate(zip(lines, result.history), 1):
        assert line.startswith(f"small epoch {number} of 5: loss {logs['loss']:.4f}, ")
        assert f"validation {logs['validation_loss']:.4f}" in line
        assert "examples/s" in line


def test_learns_and_judges_by_the_pooled_ccc(tmp_path):
    model, result = run(tmp_path)
    assert len(result.history) == 5
    assert result.best_loss == min(e["validation_loss"] for e in result.history)
    assert result.best_loss < result.history[0]["validation_loss"] - 0.05
    predicted = model.predict(VALID_X, verbose=0)
    pooled = [ccc(VALID_Y[:, i], predicted[:, i]) for i in range(2)]
    best = result.history[result.best_epoch]
    # The model is left with its best weights, and the log is of all validation examples at once.
    assert [best[f"val_ccc_{n}"] for n in LABELS] == pytest.approx(pooled, abs=1e-5)
    assert result.best_loss == pytest.approx(1 - np.mean(pooled), abs=1e-5)


def test_mse(tmp_path):
    model, result = run(tmp_path, replace(SETTINGS, loss="mse", outputs="both"))
    predicted = model.predict(VALID_X, verbose=0)
    assert result.best_loss == pytest.approx(np.mean((predicted - VALID_Y) ** 2), rel=1e-4)


def test_a_start_that_no_epoch_betters_is_left(tmp_path):
    begun, first = run(tmp_path / "first", replace(SETTINGS, epochs=8))
    weights = begun.get_weights()
    # So fast that it can only get worse.
    worse = replace(SETTINGS, learning_rate=30.0, epochs=2, momentum=0.0)
    again = small_model(seed=5)
    again.set_weights(weights)
    result = fit(again, train, validation(), worse, tmp_path / "w", tmp_path / "l", trained=True)
    assert min(logs["validation_loss"] for logs in result.history) > first.best_loss
    assert result.best_epoch == -1
    assert result.best_loss == result.start_loss == pytest.approx(first.best_loss, abs=1e-6)
    for a, b in zip(again.get_weights(), weights):
        np.testing.assert_array_equal(a, b)
    # New weights are no rival: something that was trained is left.
    _, other = run(tmp_path / "new", worse)
    assert other.best_epoch >= 0
    assert other.start_loss is None


def test_a_better_epoch_follows_the_start_and_a_kill_forgets_neither(tmp_path):
    settings = replace(SETTINGS, epochs=4, learning_rate=0.02)

    def begin(folder, **arguments):
        model = small_model(seed=2)
        return model, fit(
            model, train, validation(), settings, folder / "w", folder / "l", trained=True,
            **arguments,
        )  # fmt: skip

    whole, unbroken = begin(tmp_path / "whole")
    assert unbroken.best_epoch >= 0
    assert unbroken.best_loss < unbroken.start_loss
    with pytest.raises(Killed):
        begin(tmp_path / "killed", on_epoch=kill_after(0))
    resumed, result = begin(tmp_path / "killed")
    assert result.resumed_from == 1
    assert (result.start_loss, result.best_epoch) == (unbroken.start_loss, unbroken.best_epoch)
    for a, b in zip(resumed.get_weights(), whole.get_weights()):
        np.testing.assert_allclose(a, b, atol=1e-6)


class Killed(Exception):
    """Stands for a kill: the training ends where it stands."""


def kill_after(epoch: int):
    def on_epoch(number, logs):
        if number == epoch:
            raise Killed

    return on_epoch


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_kill_changes_nothing(tmp_path, optimizer):
    settings = replace(SETTINGS, optimizer=optimizer, learning_rate=0.02)
    whole, unbroken = run(tmp_path / "whole", settings)
    for epoch in (0, 2):
        with pytest.raises(Killed):
            run(tmp_path / "killed", settings, on_epoch=kill_after(epoch))
    resumed, result = run(tmp_path / "killed", settings, model=small_model(seed=9))
    assert result.resumed_from == 3
    assert result.best_epoch == unbroken.best_epoch
    for a, b in zip(result.history, unbroken.history):
        assert a == pytest.approx(b, abs=1e-6)
    for a, b in zip(resumed.get_weights(), whole.get_weights()):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_a_kill_within_an_epoch_loses_that_epoch_only(tmp_path):
    whole, _ = run(tmp_path / "whole")

    def dies_in_epoch_2(epoch):
        data = train(epoch)
        if epoch < 2:
            return data

        def broken(x, y):
            with tf.control_dependencies([tf.debugging.Assert(tf.reduce_max(x) < 0, ["killed"])]):
                return tf.identity(x), y

        return data.take(4).concatenate(data.skip(4).map(broken))

    with pytest.raises(tf.errors.InvalidArgumentError):
        run(tmp_path / "killed", train=dies_in_epoch_2)
    resumed, result = run(tmp_path / "killed")
    assert result.resumed_from == 2
    for a, b in zip(resumed.get_weights(), whole.get_weights()):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_after_the_end_it_trains_no_more(tmp_path):
    first, before = run(tmp_path)

    def never(epoch):
        raise AssertionError("trained again")

    again, after = run(tmp_path, model=small_model(seed=5), train=never)
    assert after.history == before.history
    assert after.resumed_from == 5
    for a, b in zip(again.get_weights(), first.get_weights()):
        np.testing.assert_array_equal(a, b)
    note = json.loads((tmp_path / "work" / DONE_FILE).read_text())
    assert note["best_epoch"] == before.best_epoch
    assert note["epochs"] == 5
    _, longer = run(tmp_path, replace(SETTINGS, epochs=6))
    assert len(longer.history) == 6


def worsening(epoch: int) -> tf.data.Dataset:
    """Learns in the first two epochs, then unlearns: labels are negated."""
    return train(epoch) if epoch < 2 else train(epoch).map(lambda x, y: (x, -y))


def test_stops_when_patience_is_spent_also_after_a_kill(tmp_path):
    settings = replace(SETTINGS, epochs=30, patience=3)
    _, result = run(tmp_path / "whole", settings, train=worsening)
    assert result.stopped_early
    assert len(result.history) == result.best_epoch + 1 + 3
    with pytest.raises(Killed):
        run(tmp_path / "killed", settings, train=worsening, on_epoch=kill_after(3))
    _, resumed = run(tmp_path / "killed", settings, train=worsening)
    assert (resumed.best_epoch, len(resumed.history)) == (result.best_epoch, len(result.history))
    _, all_epochs = run(tmp_path / "on", replace(settings, epochs=8, patience=0), train=worsening)
    assert len(all_epochs.history) == 8
    assert not all_epochs.stopped_early


def test_the_best_weights_are_kept_not_the_last(tmp_path):
    kept = {}
    model = small_model()

    def remember(epoch, logs):
        kept[epoch] = [np.array(w) for w in model.get_weights()]

    _, result = run(tmp_path, model=model, train=worsening, on_epoch=remember)
    assert result.best_epoch < 4
    for a, b in zip(model.get_weights(), kept[result.best_epoch]):
        np.testing.assert_array_equal(a, b)


def test_other_settings_or_another_model_are_refused(tmp_path):
    with pytest.raises(Killed):
        run(tmp_path, on_epoch=kill_after(1))
    with pytest.raises(InputError, match="loss was 'ccc' and is 'mse'"):
        run(tmp_path, replace(SETTINGS, loss="mse"))
    x = keras.Input((6,))
    with pytest.raises(InputError, match="another model"):
        run(tmp_path, model=keras.Model(x, keras.layers.Dense(2)(x)))


def test_nan_is_named_at_once(tmp_path):
    def with_nan(epoch):
        seen.append(epoch)
        return train(epoch).map(lambda x, y: (x * float("nan"), y))

    seen: list[int] = []
    with pytest.raises(AffectflowError, match=r"at step 1 of the epoch.*learning_rate"):
        run(tmp_path, train=with_nan)
    assert seen == [0]

    def bad_validation():
        return validation().map(lambda x, y: (x, y * float("nan")))

    with pytest.raises(AffectflowError, match="validation loss is nan in epoch 0"):
        run(tmp_path, validation=bad_validation)


def test_scalars_for_tensorboard(tmp_path):
    _, result = run(tmp_path, replace(SETTINGS, epochs=2))
    seen = {}
    for file in (tmp_path / "logs").iterdir():
        for event in tf.compat.v1.train.summary_iterator(str(file)):
            for value in event.summary.value:
                seen[value.tag, event.step] = float(tf.make_ndarray(value.tensor))
    for epoch, logs in enumerate(result.history):
        for name, value in logs.items():
            assert seen[name, epoch] == pytest.approx(value, rel=1e-5)


def test_tells_of_its_progress(tmp_path):
    heard = []
    with progress.listening(lambda *told: heard.append(told)):
        run(tmp_path, replace(SETTINGS, epochs=2))
    # 160 examples in batches of 16, two epochs.
    assert heard == [("small training steps", 1, 20)] * 20


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_half_precision_learns_and_resumes(tmp_path, precision):
    settings = replace(SETTINGS, mixed_precision=precision, epochs=4)
    with pytest.raises(Killed):
        run(
            tmp_path,
            settings,
            model=small_model(dtype=settings.dtype_policy),
            on_epoch=kill_after(1),
        )
    _, result = run(tmp_path, settings, model=small_model(dtype=settings.dtype_policy))
    assert result.resumed_from == 2
    assert result.best_loss < result.history[0]["validation_loss"] - 0.05
