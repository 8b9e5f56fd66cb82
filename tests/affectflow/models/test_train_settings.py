"""Settings: what they default to and what they refuse."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import pytest

from affectflow.errors import InputError
from affectflow.models.settings import CnnSettings, RnnSettings, TrainSettings
from affectflow.settings import schemas


def test_defaults_are_the_papers():
    # facts of paper 0: SGD .01, momentum .9, decay 1e-5, batches 128 and 256, 100 epochs, CNN
    # epochs of 1 000 steps, 96×96, dropout .5, windows of 100 with the next frame's label.
    for settings in (CnnSettings(), RnnSettings()):
        assert (settings.optimizer, settings.learning_rate, settings.momentum) == ("sgd", 0.01, 0.9)
        assert (settings.decay, settings.epochs, settings.loss) == (1e-5, 100, "ccc")
    assert (CnnSettings().batch_size, RnnSettings().batch_size) == (128, 256)
    assert (CnnSettings().steps_per_epoch, CnnSettings().image_size) == (1000, 96)
    assert (RnnSettings().cell, RnnSettings().window, RnnSettings().label) == ("gru3", 100, "next")


@pytest.mark.parametrize("cls", [TrainSettings, CnnSettings, RnnSettings])
def test_every_field_is_plain_and_described(cls):
    for schema in schemas(cls).values():
        assert schema["type"] in ("integer", "number", "string")
        assert schema["description"]
        assert "enum" in schema or {"minimum", "maximum"} <= set(schema)


@pytest.mark.parametrize(
    ("field", "value", "would_do"),
    [
        ("loss", "r2", "ccc or mse"),
        ("outputs", "all", "both, valence or arousal"),
        ("loss", 1, "a word"),
        ("epochs", 0, "from 1 to 100000"),
        ("epochs", 1.5, "a whole number"),
        ("epochs", True, "a whole number"),
        ("batch_size", -1, "from 1 to 65536"),
        ("learning_rate", 0.0, "from 1e-12 to 100.0"),
        ("learning_rate", float("nan"), "from 1e-12 to"),
        ("learning_rate", "fast", "a number"),
        ("momentum", 1.0, "from 0.0 to 0.9999"),
        ("seed", 2**31, "from 0 to"),
        ("image_size", 24, "from 32 to 512"),
        ("image_size", 100, "96 or 104"),
        ("dropout", 1.0, "from 0.0 to 0.95"),
        ("augment", "more", "paper or none"),
    ],
)
def test_refuses(field, value, would_do):
    with pytest.raises(InputError) as caught:
        CnnSettings(**{field: value})
    assert field in str(caught.value)
    assert str(value) in str(caught.value)
    assert would_do in str(caught.value)


def test_a_whole_number_will_do_for_a_float():
    rate = CnnSettings(learning_rate=1).learning_rate
    assert rate == 1.0
    assert isinstance(rate, float)


def test_labels_by_outputs():
    both = RnnSettings()
    assert (both.label_names, both.label_columns) == (("valence", "arousal"), (0, 1))
    one = replace(both, outputs="arousal")
    assert (one.label_names, one.label_columns) == (("arousal",), (1,))


def test_policy_by_precision():
    policies = [
        CnnSettings(mixed_precision=p).dtype_policy for p in ("none", "float16", "bfloat16")
    ]
    assert policies == ["float32", "mixed_float16", "mixed_bfloat16"]


def test_frozen():
    with pytest.raises(FrozenInstanceError):
        CnnSettings().epochs = 3


def test_settings_and_metrics_load_no_tensorflow():
    code = (
        "import sys, affectflow.models.settings, affectflow.metrics\n"
        "sys.exit(any(m in sys.modules for m in ('tensorflow', 'keras')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
