"""The served classifier says what the Keras model says of the decoded images."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import tensorflow as tf

from affectflow.errors import InputError
from affectflow.images.ops import encode_images, unit_range
from affectflow.models.class_serving import ServedClassifier
from affectflow.models.classifier import build_classifier
from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.clip_frames import evenly, from_start
from affectflow.models.released import served_labels
from affectflow.models.serving import TransformedImages
from tests.classifiers import FRAMES, inputs, projection, small

TASKS = {"expression", "gender", "race", "age"}


def decode(size: int, channels: int):
    """What makes images of crops that have the network's size already."""

    def images(face: tf.Tensor) -> tf.Tensor:
        shape = tf.TensorSpec((size, size, channels), tf.uint8)
        return tf.map_fn(
            lambda png: tf.ensure_shape(tf.io.decode_png(png, channels=channels), shape.shape),
            face,
            fn_output_signature=shape,
        )

    return images


def crops(settings: ClassifierSettings, number: int) -> tuple[tf.Tensor, np.ndarray]:
    """(PNG string [number], the same float32 [number, h, w, channels] in [0, 1])"""
    shape = (number, settings.image_size, settings.image_size, settings.channels)
    pixels = np.random.default_rng(2).integers(0, 256, shape, np.uint8)
    return encode_images(tf.constant(pixels)), unit_range(pixels).numpy()


def exported(folder: Path, settings: ClassifierSettings) -> tuple:
    """(Keras model, signature of what is loaded from the folder)"""
    model = build_classifier(settings, audio=projection())
    images = decode(settings.image_size, settings.channels)
    ServedClassifier(model, images, settings).export(folder)
    loaded = tf.saved_model.load(str(folder))
    assert set(loaded.signatures) == {"serving_default"}
    # The signature alone does not keep what it runs on alive.
    model.loaded = loaded
    return model, loaded.signatures["serving_default"]


@pytest.mark.parametrize(("network", "channels"), [("cnn", 1), ("deep_cnn", 3)])
def test_images_on_their_own(tmp_path, network, channels):
    settings = small(network, channels=channels, tasks="all")
    model, served = exported(tmp_path, settings)
    face, images = crops(settings, 5)
    found = served(face=face)
    assert set(found) == TASKS
    for task, probabilities in model(images, training=False).items():
        assert found[task].shape == probabilities.shape
        np.testing.assert_allclose(found[task], probabilities, atol=1e-5)


@pytest.fixture(scope="module", params=["conv3d_lstm", "audio_video"])
def of_clips(request, tmp_path_factory):
    settings = small(request.param, tasks="all")
    return settings, *exported(tmp_path_factory.mktemp(request.param), settings)


@pytest.mark.parametrize("length", [1, 5, FRAMES, 21])
def test_a_clip_of_any_length(of_clips, length):
    settings, model, served = of_clips
    face, images = crops(settings, length)
    if settings.network == "audio_video":
        audio = inputs(settings, 1)["audio"]
        found = served(face=face, audio=tf.constant(audio[0]))
        clip = images[evenly(length, FRAMES)]
        expected = model({"clip": clip[np.newaxis], "audio": audio}, training=False)
    else:
        found = served(face=face)
        expected = model(images[from_start(length, FRAMES)][np.newaxis], training=False)
    assert set(found) == TASKS
    for task, names in settings.classes.items():
        assert found[task].shape == (len(names),)
        np.testing.assert_allclose(found[task], expected[task][0], atol=1e-5)


def test_a_clip_without_frames_is_an_error(of_clips):
    settings, _, served = of_clips
    audio = {"audio": tf.zeros([10])} if settings.network == "audio_video" else {}
    with pytest.raises(tf.errors.InvalidArgumentError, match="without frames"):
        served(face=tf.constant([], tf.string), **audio)


def test_images_of_another_size_are_an_error():
    settings = small("deep_cnn")
    served = ServedClassifier(build_classifier(settings), decode(20, 1), settings)
    face = encode_images(tf.zeros([1, 20, 20, 1], tf.uint8))
    with pytest.raises((ValueError, tf.errors.InvalidArgumentError)):
        served.serve(face)


def test_transformed_images_keep_their_colours_where_asked(monkeypatch):
    import tensorflow_transform as tft

    class Graph:
        def __init__(self, folder: str):
            assert folder == "graph"

        def transform_features_layer(self):
            return lambda features: {"image": features["face"]}

    monkeypatch.setattr(tft, "TFTransformOutput", Graph)
    colours = np.random.default_rng(3).integers(0, 256, (4, 6, 3), np.uint8)
    png = cv2.imencode(".png", colours[..., ::-1])[1].tobytes()
    found = TransformedImages("graph", channels=3)(tf.constant([png, png]))
    np.testing.assert_array_equal(found, [colours, colours])
    with pytest.raises(InputError, match="takes grey images, of 1 channel, but these have 3"):
        TransformedImages("graph")


def test_a_classifier_is_no_model_of_valence_and_arousal(tmp_path):
    exported(tmp_path, small("deep_cnn"))
    told = "predicts expression.*, not valence and arousal; its signature serving_default"
    with pytest.raises(InputError, match=told):
        served_labels(tmp_path)
