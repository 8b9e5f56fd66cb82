"""Weights that a training starts from, on one device and on several."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.training.start import unlike
from tests.two_devices import run_on_two_devices

ROOT = Path(__file__).parents[3]

TWO_DEVICES = """
from affectflow.models.cnn import build_cnn
from affectflow.models.files import save_stage
from affectflow.models.settings import CnnSettings
from affectflow.training.devices import strategy_for
from affectflow.training.start import start_from

saved_settings = CnnSettings(image_size=32, seed=1)
saved = build_cnn(saved_settings)
save_stage(sys.argv[1], saved, saved_settings)
settings = CnnSettings(image_size=32, seed=2, devices="all")
strategy = strategy_for(settings)
with strategy.scope():
    model = build_cnn(settings)
start_from(sys.argv[1], model, settings, "cnn")


@tf.function
def replicas(value):
    return strategy.run(lambda: tf.reduce_sum(tf.abs(model.get_layer("conv_1").kernel.value)))


each = strategy.experimental_local_results(replicas(None))
print(json.dumps({
    "each": [float(value) for value in each],
    "saved": float(np.abs(saved.get_layer("conv_1").get_weights()[0]).sum()),
    "equal": all(np.array_equal(a, b) for a, b in zip(model.get_weights(), saved.get_weights())),
}))
"""


def test_every_replica_starts_from_them(tmp_path):
    told = run_on_two_devices(TWO_DEVICES, tmp_path)
    assert told["equal"]
    assert told["each"] == pytest.approx([told["saved"]] * 2, rel=1e-5)


@pytest.mark.parametrize(("saved", "new"), [("none", "float16"), ("bfloat16", "none")])
def test_precision_may_differ(tmp_path, saved, new):
    from affectflow.models.files import save_stage
    from affectflow.models.rnn import build_rnn
    from affectflow.training.start import start_from

    settings = RnnSettings(cell="gru3", window=4, mixed_precision=saved, seed=1)
    first = build_rnn(settings, feature_dim=7)
    save_stage(tmp_path, first, settings)
    other = replace(settings, mixed_precision=new, seed=2, window=9)
    second = build_rnn(other, feature_dim=7)
    start_from(tmp_path, second, other, "rnn")
    for one, two in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_only_what_decides_the_network_is_unlike():
    cnn = CnnSettings()
    assert unlike("cnn", cnn, CnnSettings(image_size=64, dropout=0.1, loss="mse", seed=9)) == []
    assert unlike("cnn", cnn, CnnSettings(outputs="arousal")) == [
        "cnn.outputs is 'both' there and 'arousal' here"
    ]
    rnn = RnnSettings()
    assert unlike("rnn", rnn, RnnSettings(window=3, label="last", normalize="features")) == []
    assert unlike("rnn", rnn, RnnSettings(cell="gru1", outputs="valence")) == [
        "rnn.cell is 'gru3' there and 'gru1' here",
        "rnn.outputs is 'both' there and 'valence' here",
    ]
