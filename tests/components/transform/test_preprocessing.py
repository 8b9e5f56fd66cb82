"""What Transform materialises is what the image ops make, and its statistics are NumPy's."""

from __future__ import annotations

from pathlib import Path

import apache_beam as beam
import cv2
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_data_validation as tfdv
import tensorflow_transform as tft
import tensorflow_transform.beam as tft_beam
from tensorflow_transform.tf_metadata import schema_utils
from tfx_bsl.public import tfxio

from affectflow.corpora.classes import TASKS
from affectflow.images.ops import model_images
from affectflow.images.settings import ImageSettings
from components.transform.preprocessing import preprocessing_fn
from pipelines.beam import IN_PROCESS
from schemas import schema_path

SETTINGS = ImageSettings(image_size=32)


def labelled_records(clips, split):
    return [r for clip in clips if clip.split == split for r in clip.records() if r.in_plane]


def materialised(examples, split):
    """The transformed Examples of a split, by (video, frame), and their order."""
    names = sorted(str(path) for path in Path(examples.uri, f"Split-{split}").glob("*"))
    assert all(name.endswith(".gz") for name in names)
    found = {}
    for record in tf.data.TFRecordDataset(names, "GZIP").as_numpy_iterator():
        feature = tf.train.Example.FromString(record).features.feature
        key = feature["video_id"].bytes_list.value[0].decode(), feature["frame_index"].int64_list
        found[key[0], key[1].value[0]] = feature
    return found


def decoded(feature):
    png = np.frombuffer(feature["image"].bytes_list.value[0], np.uint8)
    return cv2.imdecode(png, cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize("split", ["train", "eval"])
def test_images_labels_and_identity_of_every_frame(transformed, clips, split):
    found = materialised(transformed["transformed_examples"], split)
    records = labelled_records(clips, split)
    assert set(found) == {(r.video_id, r.frame_index) for r in records}
    expected = model_images(tf.constant([r.face for r in records]), SETTINGS).numpy()
    for record, image in zip(records, expected):
        feature = found[record.video_id, record.frame_index]
        np.testing.assert_array_equal(decoded(feature), image[..., 0])
        assert feature["valence"].float_list.value[0] == np.float32(record.valence)
        assert feature["arousal"].float_list.value[0] == np.float32(record.arousal)
        assert feature["subject_id"].bytes_list.value[0].decode() == record.subject_id
        assert feature["corpus"].bytes_list.value[0] == b"made"
        for task in TASKS:
            (known,) = feature[task].bytes_list.value
            assert known.decode() == record.classes.get(task, "")


@pytest.mark.parametrize("split", ["train", "eval"])
def test_the_statistics_are_the_training_split_s(transformed, clips, split):
    faces = tf.constant([record.face for record in labelled_records(clips, "train")])
    pixels = model_images(faces, SETTINGS).numpy().astype(np.int64)
    # In whole numbers, so that no order of adding can differ from another in the last bit.
    first, second, size = int(pixels.sum()), int((pixels**2).sum()), pixels.size
    for feature in materialised(transformed["transformed_examples"], split).values():
        mean = feature["image_mean"].float_list.value[0]
        variance = feature["image_variance"].float_list.value[0]
        assert mean == np.float32(first / size / 255)
        assert variance == np.float32((second / size - (first / size) ** 2) / 255**2)
        assert variance == pytest.approx((pixels / 255).var(), rel=1e-6)


def test_the_graph_that_is_served_makes_the_same_images(transformed, clips):
    graph = tft.TFTransformOutput(transformed["transform_graph"].uri)
    records = [record for clip in clips for record in clip.records()]
    # A face is all that there is when serving: labels and names are not.
    faces = tf.constant([[record.face] for record in records])
    encoded = graph.transform_features_layer()({"face": faces})["image"].numpy().ravel()
    expected = model_images(tf.reshape(faces, [-1]), SETTINGS).numpy()
    for png, image in zip(encoded, expected):
        np.testing.assert_array_equal(
            cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED), image[..., 0]
        )


def test_an_absent_label_is_nan(transformed, clips):
    graph = tft.TFTransformOutput(transformed["transform_graph"].uri)
    schema = tfdv.load_schema_text(str(schema_path("frames")))
    spec = schema_utils.schema_as_feature_spec(schema).feature_spec
    records = clips[0].records()
    parsed = tf.io.parse_example([record.serialize() for record in records], spec)
    outputs = graph.transform_features_layer()(parsed)
    for name in ("valence", "arousal"):
        found = outputs[name].numpy()
        assert found.shape == (len(records), 1)
        np.testing.assert_array_equal(
            found[:, 0], np.array([getattr(r, name) for r in records], np.float32)
        )
    assert np.isnan(outputs["valence"].numpy()[:, 0]).tolist() == [
        i in (0, 3) for i in clips[0].frame_index
    ]


def graph_of(clip, folder, **image):
    """(faces, images) of a clip's records, by a graph that was made of them alone."""
    records = clip.records()
    schema = tfdv.load_schema_text(str(schema_path("frames")))
    source = tfxio.TFExampleBeamRecord("test", schema=schema)
    config = {"image": {"image_size": 32, **image}}
    with beam.Pipeline(runner=IN_PROCESS) as pipeline, tft_beam.Context(temp_dir=str(folder)):
        batches = (
            pipeline | beam.Create([record.serialize() for record in records]) | source.BeamSource()
        )
        _, function = (batches, source.TensorAdapterConfig()) | tft_beam.AnalyzeAndTransformDataset(
            lambda inputs: preprocessing_fn(inputs, config)
        )
        _ = function | tft_beam.WriteTransformFn(str(folder / "graph"))
    graph = tft.TFTransformOutput(str(folder / "graph"))
    faces = tf.constant([[record.face] for record in records])
    encoded = graph.transform_features_layer()({"face": faces})["image"].numpy().ravel()
    images = [cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED) for png in encoded]
    return tf.reshape(faces, [-1]), images


def test_equalisation_is_in_the_graph_where_asked(clips, tmp_path):
    faces, images = graph_of(clips[1], tmp_path, equalise="histogram")
    for image, plain in zip(images, model_images(faces, SETTINGS).numpy(), strict=True):
        np.testing.assert_array_equal(image, cv2.equalizeHist(plain[..., 0]))


def test_colours_are_kept_where_asked(clips, tmp_path):
    faces, images = graph_of(clips[1], tmp_path, grey="none")
    expected = model_images(faces, ImageSettings(image_size=32, grey="none")).numpy()
    np.testing.assert_array_equal(np.stack(images)[..., ::-1], expected)
