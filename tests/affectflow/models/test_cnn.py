"""The CNN's shape, parts, start and precision."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from affectflow.models.cnn import build_cnn, feature_model, head_model
from affectflow.models.settings import CnnSettings

SMALL = CnnSettings(image_size=32)


def images(number: int, size: int = 32) -> np.ndarray:
    return np.random.default_rng(0).random((number, size, size, 1), dtype=np.float32)


def test_has_the_papers_parameters():
    # 4 norm + 25·64 + 25·64·128 + 25·128·256 + (1024 + 1)·300 + (300 + 1)·2.
    assert build_cnn(CnnSettings()).count_params() == 1_333_706
    # One output less is 301 parameters less.
    assert build_cnn(CnnSettings(outputs="valence")).count_params() == 1_333_405


@pytest.mark.parametrize("size", [32, 40, 64, 96])
def test_parameters_do_not_depend_on_the_size(size):
    model = build_cnn(CnnSettings(image_size=size))
    assert model.count_params() == 1_333_706
    assert model.get_layer("quadrants").output.shape == (None, 2, 2, 256)


def test_input_output_and_names():
    model = build_cnn(CnnSettings())
    assert model.input.name == "image"
    assert model.input.shape == (None, 96, 96, 1)
    assert model.output.shape == (None, 2)
    assert model.layers[-1].name == "head"
    assert model.get_layer("features").activation is keras.activations.linear
    convolutions = [x for x in model.layers if isinstance(x, keras.layers.Conv2D)]
    assert [(x.use_bias, x.padding) for x in convolutions] == [
        (False, "same"),
        (False, "valid"),
        (False, "valid"),
    ]


def test_parts_share_weights_and_make_the_whole():
    model = build_cnn(SMALL)
    batch = images(3)
    parts = head_model(model)(feature_model(model)(batch))
    np.testing.assert_allclose(parts, model(batch), atol=1e-6)
    assert feature_model(model)(batch).shape == (3, 300)
    head = model.get_layer("head")
    head.bias.assign([7.0, -7.0])
    zeros = np.zeros((1, 300), np.float32)
    np.testing.assert_array_equal(head_model(model)(zeros), [[7.0, -7.0]])


def test_equal_seeds_give_equal_weights():
    same, again, other = (build_cnn(CnnSettings(image_size=32, seed=s)) for s in (1, 1, 2))
    for a, b in zip(same.get_weights(), again.get_weights()):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(same.get_layer("conv_2").kernel, other.get_layer("conv_2").kernel)


def test_the_norm_starts_from_the_statistics():
    # With moving mean .4 and variance .04 the norm gives (x − .4) / √(.04 + .001).
    model = build_cnn(SMALL, image_mean=0.4, image_variance=0.04)
    norm = model.get_layer("norm")
    x = np.full((1, 32, 32, 1), 0.6, np.float32)
    np.testing.assert_allclose(norm(x), (0.6 - 0.4) / np.sqrt(0.041) * np.ones_like(x), rtol=1e-5)
    untold = build_cnn(SMALL).get_layer("norm")
    assert (float(untold.moving_mean[0]), float(untold.moving_variance[0])) == (0.0, 1.0)


def test_brighter_data_statistics_cancel_the_brightness():
    # The served network sees images as normalised: shifting image and statistics changes nothing.
    plain = build_cnn(SMALL, 0.3, 0.05)
    shifted = build_cnn(SMALL, 0.5, 0.05)
    batch = images(2) * 0.5
    np.testing.assert_allclose(plain(batch), shifted(batch + 0.2), atol=1e-5)


def test_dropout_only_while_training():
    model = build_cnn(SMALL)
    batch = images(4)
    np.testing.assert_array_equal(model(batch), model(batch, training=False))
    assert not np.allclose(model(batch), model(batch, training=True))


def test_half_precision_computes_in_half_and_answers_in_float32():
    settings = CnnSettings(image_size=32, mixed_precision="bfloat16")
    model = build_cnn(settings)
    assert model.get_layer("conv_2").compute_dtype == "bfloat16"
    assert model.get_layer("conv_2").kernel.dtype == "float32"
    assert model.output.dtype == "float32"
    features = feature_model(model)
    assert features.output.dtype == "float32"
    full = feature_model(build_cnn(SMALL))(images(2))
    # bfloat16 keeps 8 bits: about 1 % of the features' own scale.
    assert np.abs(features(images(2)) - full).max() < 0.03 * np.abs(full).max()


def test_predict_runs_without_xla():
    model = build_cnn(SMALL)
    assert not any(m.jit_compile for m in (model, feature_model(model), head_model(model)))
