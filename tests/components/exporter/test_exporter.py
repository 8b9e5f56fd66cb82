"""The served models load with TensorFlow alone and say what the stages say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tfx.types import standard_artifacts
from tfx.utils import path_utils

from affectflow.images.ops import model_images, unit_range
from affectflow.images.settings import ImageSettings
from affectflow.models.cnn import feature_model
from affectflow.models.files import load_stage
from affectflow.models.released import ReleasedModel
from affectflow.models.rnn import carried_model
from affectflow.models.settings import CnnSettings, RnnSettings
from components.exporter.executor import Executor


@pytest.mark.parametrize("label", ["next", "last"])
def test_the_stages_are_joined(execute, transformed, cnn, make_rnn, clips, label):
    rnn = make_rnn(label)
    outputs = execute(
        Executor,
        {"cnn": cnn, "rnn": rnn, "transform_graph": transformed["transform_graph"]},
        {"model": standard_artifacts.Model, "tflite": standard_artifacts.Model},
        {
            "crop_size": 48,
            "image": json.dumps({"image_size": 32}),
            "state": "carried",
            "code_version": "test",
        },
    )
    folder = Path(path_utils.serving_model_dir(outputs["model"].uri))
    assert (folder / "saved_model.pb").is_file()
    # Whoever predicts with it need not be told to trust it.
    assert ReleasedModel(folder).labels == ("valence", "arousal")
    served = tf.saved_model.load(str(folder))
    assert set(served.signatures) == {"serving_default", "features", "sequence", "stream"}

    crops = [record.face for record in clips[1].records()]
    faces = tf.constant(crops)
    images = unit_range(model_images(faces, ImageSettings(image_size=32)))
    features = feature_model(load_stage(cnn.uri, CnnSettings)[0])(images, training=False)
    carried = carried_model(load_stage(rnn.uri, RnnSettings)[0])
    state = tf.zeros([1, carried.input[1].shape[1]])
    steps = carried([features[tf.newaxis], state])[0][0].numpy()
    if label == "next":
        steps = np.concatenate([steps[:1], steps[:-1]])
    found = served.signatures["serving_default"](face=faces)
    for column, name in enumerate(("valence", "arousal")):
        np.testing.assert_allclose(found[name].numpy(), steps[:, column], atol=1e-4)

    # A frame at a time, of decoded crops, it is the same.
    (file,) = Path(outputs["tflite"].uri).iterdir()
    assert file.name == "model.tflite"
    step = tf.lite.Interpreter(str(file)).get_signature_runner("step")
    state = np.zeros(step.get_input_details()["state"]["shape"], np.float32)
    for number, crop in enumerate(crops):
        labels = step(face=tf.io.decode_image(crop)[tf.newaxis], state=state)
        state = labels.pop("state")
        for name, value in labels.items():
            np.testing.assert_allclose(value, found[name][number : number + 1], atol=1e-3)
