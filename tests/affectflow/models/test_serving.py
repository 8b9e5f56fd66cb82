"""The served SavedModel loads with TensorFlow alone and says what the Keras models say."""

from __future__ import annotations

from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf

from affectflow.errors import InputError
from affectflow.images.ops import encode_images, model_images, unit_range
from affectflow.images.settings import ImageSettings
from affectflow.models.cnn import build_cnn, feature_model
from affectflow.models.files import load_stage, save_stage
from affectflow.models.rnn import build_rnn
from affectflow.models.sequence_serving import SequenceServing
from affectflow.models.serving import FrameServing, Served, TransformedImages
from affectflow.models.settings import CnnSettings, RnnSettings
from pipelines.beam import IN_PROCESS

SIZE, WINDOW = 32, 4
IMAGES = ImageSettings(image_size=SIZE, equalise="histogram")


def transform_graph(folder: Path, settings: ImageSettings) -> Path:
    """A transform graph without analysis: face in, image out."""
    import apache_beam as beam
    import tensorflow_transform.beam as tft_beam
    from tensorflow_transform.tf_metadata import dataset_metadata, schema_utils

    metadata = dataset_metadata.DatasetMetadata(
        schema_utils.schema_from_feature_spec({"face": tf.io.FixedLenFeature([1], tf.string)})
    )

    def preprocess(inputs):
        images = model_images(tf.reshape(inputs["face"], [-1]), settings)
        return {"image": encode_images(images)[:, tf.newaxis]}

    with (
        beam.Pipeline(runner=IN_PROCESS) as pipeline,
        tft_beam.Context(temp_dir=str(folder / "tmp")),
    ):
        rows = pipeline | beam.Create([{"face": [b""]}])
        function = (rows, metadata) | tft_beam.AnalyzeDataset(preprocess)
        _ = function | tft_beam.WriteTransformFn(str(folder / "graph"))
    return folder / "graph"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return transform_graph(tmp_path_factory.mktemp("transform"), IMAGES)


@pytest.fixture(scope="module")
def faces() -> tf.Tensor:
    """Seven crops of unequal sizes, JPEG and PNG."""
    rng = np.random.Generator(np.random.PCG64(2))
    crops = []
    for i in range(7):
        cells = rng.integers(0, 256, (6, 6, 3), np.uint8)
        crop = cv2.resize(cells, (40 + i, 112), interpolation=cv2.INTER_CUBIC)
        crops.append(cv2.imencode(".jpg" if i % 2 else ".png", crop)[1].tobytes())
    return tf.constant(crops)


def stages(outputs: str, label: str) -> tuple[keras.Model, keras.Model]:
    cnn = build_cnn(CnnSettings(image_size=SIZE, outputs=outputs, seed=1), 0.5, 0.1)
    rnn = build_rnn(RnnSettings(cell="gru3", window=WINDOW, outputs=outputs, label=label, seed=2))
    return cnn, rnn


def exported(
    folder: Path, graph: Path, outputs: str = "both", label: str = "next", state: str = "carried"
):
    """(loaded SavedModel, cnn, rnn)"""
    cnn, rnn = stages(outputs, label)
    labels = CnnSettings(image_size=SIZE, outputs=outputs).label_names
    Served(
        FrameServing(cnn, TransformedImages(graph)), SequenceServing(rnn, label, state), labels
    ).export(folder)
    return tf.saved_model.load(str(folder)), cnn, rnn


@pytest.fixture(
    scope="module",
    params=[("next", "windowed"), ("last", "windowed"), ("next", "carried"), ("last", "carried")],
    ids="-".join,
)
def served(request, tmp_path_factory, graph):
    label, state = request.param
    folder = tmp_path_factory.mktemp("served")
    return *exported(folder, graph, label=label, state=state), label


def test_frames_on_their_own(served, faces):
    loaded, cnn, _, _ = served
    found = loaded.signatures["features"](face=faces)
    assert set(found) == {"features", "valence", "arousal"}
    images = unit_range(model_images(faces, IMAGES))
    np.testing.assert_allclose(
        found["features"], feature_model(cnn)(images, training=False), atol=1e-4
    )
    outputs = cnn(images, training=False).numpy()
    np.testing.assert_allclose(found["valence"], outputs[:, 0], atol=1e-4)
    np.testing.assert_allclose(found["arousal"], outputs[:, 1], atol=1e-4)
    assert outputs.std(axis=0).min() > 1e-3, "outputs that do not differ would prove nothing"


def test_a_sequence_is_the_window_model_s(served):
    loaded, _, rnn, label = served
    features = np.random.Generator(np.random.PCG64(3)).normal(size=(2, 9, 300)).astype(np.float32)
    found = loaded.signatures["sequence"](features=features)
    both = np.stack([found["valence"], found["arousal"]], axis=-1)
    assert both.shape == (2, 9, 2)
    # The window model says what the first window comes to: of the frame after it, or of its last.
    expected = rnn(features[:, :WINDOW], training=False).numpy()
    np.testing.assert_allclose(
        both[:, WINDOW if label == "next" else WINDOW - 1], expected, atol=1e-4
    )
    if label == "next":
        # No step foretells the first frame, so it has what the first step says of the second.
        np.testing.assert_array_equal(both[:, 0], both[:, 1])
    else:
        assert not np.allclose(both[:, 0], both[:, 1])


def test_a_frame_is_not_told_by_what_comes_after_it(served):
    loaded, _, _, label = served
    features = np.random.Generator(np.random.PCG64(4)).normal(size=(1, 8, 300)).astype(np.float32)
    changed = features.copy()
    changed[:, 5:] += 1
    before, after = (
        loaded.signatures["sequence"](features=f)["valence"].numpy()[0] for f in (features, changed)
    )
    # With next-frame labels frame 5 is told by frames 0 to 4, so the change shows from frame 6 on.
    seen = 6 if label == "next" else 5
    np.testing.assert_allclose(before[:seen], after[:seen], atol=1e-6)
    assert (np.abs(before[seen:] - after[seen:]) > 1e-6).all()


@pytest.mark.parametrize("lengths", [(9,), (1,) * 9, (4, 1, 4)])
def test_a_run_in_parts_is_the_run(served, lengths):
    loaded = served[0]
    features = np.random.Generator(np.random.PCG64(5)).normal(size=(2, 9, 300)).astype(np.float32)
    whole = loaded.signatures["sequence"](features=features)
    state = tf.zeros([2, loaded.signatures["stream"].inputs[1].shape[1]])
    parts, start = {"valence": [], "arousal": []}, 0
    for length in lengths:
        found = loaded.signatures["stream"](
            features=tf.constant(features[:, start : start + length]), state=state
        )
        assert set(found) == {"valence", "arousal", "state"}
        state, start = found["state"], start + length
        for name, values in parts.items():
            values.append(found[name].numpy())
    for name, values in parts.items():
        np.testing.assert_allclose(np.concatenate(values, axis=1), whole[name], atol=1e-6)


def test_faces_to_labels_is_both_stages_joined(served, faces):
    loaded, _, _, _ = served
    features = loaded.signatures["features"](face=faces)["features"]
    expected = loaded.signatures["sequence"](features=features[tf.newaxis])
    found = loaded.signatures["serving_default"](face=faces)
    assert set(found) == {"valence", "arousal"}
    for name, values in found.items():
        assert values.shape == (7,)
        np.testing.assert_allclose(values, expected[name][0], atol=1e-5)
    assert set(loaded.signatures) == {"serving_default", "features", "sequence", "stream"}


def test_one_face_is_a_sequence_too(served, faces):
    loaded = served[0]
    found = loaded.signatures["serving_default"](face=faces[:1])
    assert found["valence"].shape == (1,)
    assert np.isfinite(found["valence"]).all()


def test_a_model_of_one_label_serves_that_label(tmp_path, graph, faces):
    loaded, cnn, _ = exported(tmp_path, graph, outputs="arousal")
    assert set(loaded.signatures["serving_default"](face=faces)) == {"arousal"}
    found = loaded.signatures["features"](face=faces)
    assert set(found) == {"features", "arousal"}
    images = unit_range(model_images(faces, IMAGES))
    np.testing.assert_allclose(found["arousal"], cnn(images, training=False)[:, 0], atol=1e-4)


def test_a_graph_that_makes_images_of_colour_is_refused(tmp_path):
    coloured = transform_graph(tmp_path, ImageSettings(SIZE, grey="none"))
    with pytest.raises(InputError, match="the served frame model takes grey images"):
        TransformedImages(coloured)


def test_a_stage_is_saved_and_loaded_with_its_settings(tmp_path):
    settings = CnnSettings(image_size=SIZE, seed=1, loss="mse")
    cnn = build_cnn(settings)
    save_stage(tmp_path / "stage", cnn, settings)
    loaded, found = load_stage(tmp_path / "stage", CnnSettings)
    assert found == settings
    images = np.random.Generator(np.random.PCG64(0)).random((2, SIZE, SIZE, 1), np.float32)
    np.testing.assert_array_equal(loaded(images, training=False), cnn(images, training=False))
