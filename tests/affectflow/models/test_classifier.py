"""The four networks: shapes, parameters, start, precision, files, and that they learn."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from affectflow.errors import InputError
from affectflow.models.classifier import build_classifier
from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.cnn import build_cnn
from affectflow.models.files import load_stage, save_stage
from affectflow.models.objective import objective_for
from affectflow.models.settings import CnnSettings
from tests.classifiers import NETWORKS, PROJECTED, inputs, projection, small


def built(settings: ClassifierSettings) -> keras.Model:
    return build_classifier(settings, 0.5, 0.1, audio=projection())


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("network", NETWORKS)
def test_gives_the_probabilities_of_each_task(network, channels):
    settings = small(network, tasks="all", channels=channels)
    model = built(settings)
    found = model(inputs(settings, 3))
    assert list(found) == ["expression", "gender", "race", "age"]
    for task, names in settings.classes.items():
        assert found[task].shape == (3, len(names))
        np.testing.assert_allclose(np.sum(found[task], axis=1), 1, rtol=1e-5)
    assert model.name == network
    assert not model.jit_compile


@pytest.mark.parametrize("network", NETWORKS)
def test_one_task_is_a_dict_too(network):
    settings = small(network, expressions="joy,anger")
    found = built(settings)(inputs(settings, 2))
    assert {task: x.shape for task, x in found.items()} == {"expression": (2, 2)}


def test_the_inputs_are_named():
    assert built(small("deep_cnn")).input.name == "image"
    assert built(small("conv3d_lstm")).input.name == "clip"
    assert set(built(small("audio_video")).input) == {"clip", "audio"}


def test_parameters_of_the_cnn():
    # Paper 0's 1 333 706 have two outputs; seven classes are five more.
    assert build_classifier(ClassifierSettings()).count_params() == 1_333_706 + 5 * 301
    # Colour: batch norm and the first kernels thrice as large.
    colour = build_classifier(ClassifierSettings(channels=3))
    assert colour.count_params() == 1_333_706 + 5 * 301 + 2 * (4 + 25 * 64)


def test_parameters_of_the_deep_cnn():
    kernels = 25 * 64 + 25 * 64 * 64 + 9 * (64 * 128 + 128 * 128 + 128 * 256 + 256 * 256)
    # A bias and the four numbers of a batch norm for each filter.
    filters = 5 * 2 * (64 + 128 + 256)
    dense = (6 * 6 * 256 + 5) * 128 + (128 + 1) * 7
    settings = ClassifierSettings(network="deep_cnn", image_size=48)
    model = build_classifier(settings)
    assert model.count_params() == kernels + filters + dense == 2_395_591
    rates = [x.rate for x in model.layers if isinstance(x, keras.layers.Dropout)]
    assert rates == [0.6, 0.5, 0.4, 0.4]


@pytest.mark.parametrize(("layers", "map_size"), [(5, 14 * 14 * 16), (6, 7 * 7 * 32), (7, 9 * 64)])
def test_parameters_of_conv3d_lstm(layers, map_size):
    blocks = [(27 * before + 5) * after for before, after in ((3, 16), (16, 32), (32, 64))]
    lstm = 4 * (map_size + 64 + 1) * 64
    settings = ClassifierSettings(
        network="conv3d_lstm", image_size=28, channels=3, layers=layers, l2=1e-3
    )
    model = build_classifier(settings)
    assert model.count_params() == sum(blocks[: layers - 4]) + lstm + 65 * 32 + 33 * 7
    assert len(model.losses) == layers - 4, "a penalty for each convolution's kernel"
    kernel = model.get_layer("conv_1").kernel.numpy()
    assert float(model.losses[0]) == pytest.approx(1e-3 * np.square(kernel).sum(), rel=1e-4)


def test_parameters_of_audio_video():
    stages = [
        27 * 16 + 4 * 16,
        6 * (9 * 16 * 16 + 4 * 16),
        9 * 16 * 32 + 5 * 9 * 32 * 32 + 16 * 32 + 7 * 4 * 32,
        9 * 32 * 64 + 5 * 9 * 64 * 64 + 32 * 64 + 7 * 4 * 64,
    ]
    assert sum(stages) == 273_392
    lstms = 3 * 4 * (64 + 64 + 1) * 64
    projected = 10 * PROJECTED
    dense = (PROJECTED + 1 + 2 * 65 + 129 + 2 * 65) * 64 + 65 * 7
    settings = ClassifierSettings(network="audio_video", image_size=32, channels=3, clip_frames=2)
    assert built(settings).count_params() == sum(stages) + lstms + projected + dense


def test_large_frames_are_made_small_by_the_stem():
    kept, shrunk = (
        built(small("audio_video", image_size=size)).get_layer("pool").input.shape[1:3]
        for size in (64, 256)
    )
    assert (kept, shrunk) == ((16, 16), (16, 16))


@pytest.mark.parametrize("network", NETWORKS)
def test_equal_seeds_give_equal_weights(network):
    same, again, other = (built(small(network, seed=seed)) for seed in (1, 1, 2))
    for a, b in zip(same.get_weights(), again.get_weights()):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(
        same.get_layer("expression").kernel, other.get_layer("expression").kernel
    )


def test_the_cnn_s_trunk_is_that_of_valence_and_arousal():
    # Equal names, shapes and seeds: weights of one stage fit the other.
    classes = build_classifier(ClassifierSettings(image_size=32, seed=3))
    affect = build_cnn(CnnSettings(image_size=32, seed=3))
    for a, b in zip(classes.layers[:-1], affect.layers[:-1]):
        assert a.name == b.name
        for x, y in zip(a.get_weights(), b.get_weights()):
            np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("network", NETWORKS)
def test_half_precision_answers_in_float32(network):
    settings = small(network, mixed_precision="bfloat16")
    model = built(settings)
    assert model.output["expression"].dtype == "float32"
    first = next(x for x in model.layers if x.name in ("conv_1", "stem_conv"))
    assert first.compute_dtype == "bfloat16"
    assert np.isfinite(model(inputs(settings, 2))["expression"]).all()


@pytest.mark.parametrize("network", NETWORKS)
def test_is_saved_and_loaded_with_its_settings(network, tmp_path):
    settings = small(network, tasks="all", l2=1e-4)
    model = built(settings)
    save_stage(tmp_path, model, settings)
    loaded, found = load_stage(tmp_path, ClassifierSettings)
    assert found == settings
    x = inputs(settings, 2)
    for task, probabilities in model(x, training=False).items():
        np.testing.assert_array_equal(loaded(x, training=False)[task], probabilities)
    assert len(loaded.trainable_weights) == len(model.trainable_weights)


@pytest.mark.parametrize("network", NETWORKS)
def test_learns_eight_examples_by_heart(network):
    settings = small(network, expressions="joy,anger", norm_momentum=0.5)
    model = built(settings)
    before = [weight.numpy() for weight in model.trainable_weights]
    objective = objective_for(settings)
    model.compile(
        keras.optimizers.Adam(3e-3),
        objective.loss,
        metrics=objective.metrics,
        loss_weights=objective.loss_weights,
        jit_compile=False,
    )
    x, y = inputs(settings, 8), {"expression": np.arange(8) % 2}
    model.fit(x, y, epochs=40, verbose=0, shuffle=False)
    # A guess costs ln 2 = .69. Judged as it is used, without deep_cnn's dropouts.
    assert model.evaluate(x, y, verbose=0, return_dict=True)["crossentropy"] < 0.3
    for weight, old in zip(model.trainable_weights, before):
        assert not np.array_equal(weight, old), f"{weight.path} does not learn"


def test_the_audio_s_projection_is_not_trained():
    settings = small("audio_video")
    model, of = built(settings), projection()
    layer = model.get_layer("audio_projection")
    x = inputs(settings, 4)["audio"]
    found = layer(model.get_layer("audio_scale")(x))
    np.testing.assert_allclose(found, of(x), atol=1e-3)
    assert not layer.trainable_weights
    np.testing.assert_array_equal(layer.kernel, of.matrix.astype(np.float32))


def test_what_cannot_be_built():
    with pytest.raises(ValueError, match="audio"):
        build_classifier(small("audio_video"))
    for size in (16, 50):
        with pytest.raises(InputError, match="multiple of 8"):
            ClassifierSettings(image_size=size)
    assert ClassifierSettings(network="deep_cnn", image_size=50).image_size == 50
