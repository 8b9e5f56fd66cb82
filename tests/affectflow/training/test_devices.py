"""Training on several devices: two logical CPUs stand for two GPUs, in a process of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
import tensorflow as tf

from affectflow.models.settings import TrainSettings
from affectflow.training.devices import strategy_for
from tests.two_devices import run_on_two_devices

ROOT = Path(__file__).parents[3]

TWO_DEVICES = """
import keras

from affectflow.metrics import ccc
from affectflow.models.settings import TrainSettings
from affectflow.training.devices import strategy_for
from affectflow.training.fit import fit

rng = np.random.default_rng(0)
x = rng.normal(size=(200, 4)).astype("float32")
y = np.tanh(x[:, :2]) + rng.normal(0, 0.3, (200, 2)).astype("float32")
data = tf.data.Dataset.from_tensor_slices((x, y)).batch(50)


def trained(folder, epochs):
    settings = TrainSettings(devices="all", epochs=epochs, batch_size=50, learning_rate=0.1)
    strategy = strategy_for(settings)
    with strategy.scope():
        inputs = keras.Input((4,))
        start = keras.initializers.GlorotUniform(1)
        model = keras.Model(inputs, keras.layers.Dense(2, kernel_initializer=start)(inputs))
    folder = sys.argv[1] + folder
    result = fit(model, lambda epoch: data, data, settings, folder, folder + "/logs")
    predicted = np.asarray(model(x))
    best = result.history[result.best_epoch]
    return {
        "replicas": strategy.num_replicas_in_sync,
        "resumed_from": result.resumed_from,
        "losses": [logs["loss"] for logs in result.history],
        "logged": [best["val_ccc_valence"], best["val_ccc_arousal"]],
        "pooled": [ccc(y[:, i], predicted[:, i]) for i in range(2)],
        "weights": np.concatenate([w.ravel() for w in model.get_weights()]).tolist(),
    }


trained("/broken", 1)
print(json.dumps([trained("/broken", 3), trained("/whole", 3)]))
"""


def test_two_replicas_learn_log_the_pooled_ccc_and_resume(tmp_path):
    resumed, whole = run_on_two_devices(TWO_DEVICES, tmp_path)
    assert resumed["replicas"] == 2
    assert resumed["resumed_from"] == 1
    # Sums of both replicas are added, not averaged or taken of one.
    assert whole["logged"] == pytest.approx(whole["pooled"], abs=1e-5)
    assert whole["losses"][-1] < whole["losses"][0] - 0.05
    assert resumed["weights"] == pytest.approx(whole["weights"], abs=1e-6)


def test_one_device_by_default_and_without_gpus():
    default = tf.distribute.get_strategy()
    assert strategy_for(TrainSettings()) is default
    if len(tf.config.list_logical_devices("GPU")) < 2:
        assert strategy_for(TrainSettings(devices="all")) is default
