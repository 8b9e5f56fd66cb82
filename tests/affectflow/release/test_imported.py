"""An imported release serves what networks with the saved weights say, and is told as imported."""

from __future__ import annotations

import io
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from affectflow.errors import InputError
from affectflow.gate import Baseline, GateSettings, Summary, VideoKey, VideoTally, judge, summarise
from affectflow.models.checkpoints import read_checkpoints
from affectflow.release import load
from affectflow.release.imported import import_checkpoints, run_id_of
from affectflow.release.tree import FileEntry
from tests import keras2_files as files
from tests.realdata import CHECKPOINT

FRAMES = 104
RECIPE = {
    "name": "affwild2",
    "faces": {"size": 112},
    "image": {"image_size": 48},
    "predict": {"smooth_radius": 2},
    "cnn": {},
    "rnn": {},
    "gate": {"outputs": "both", "margin": 0.01},
}


def release(cnn, rnn, releases, outputs="both"):
    found = read_checkpoints(cnn, rnn, outputs)
    return load(import_checkpoints(found, releases, RECIPE, {"keras": "3"}, "c0de"), full=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return files.write_both(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def imported(folder):
    return release(folder / "cnn.h5", folder / "rnn.h5", folder / "releases")


@pytest.fixture(scope="module")
def served(imported):
    from affectflow.models.released import ReleasedModel

    return ReleasedModel(imported.models["serving"])


@pytest.fixture(scope="module")
def crops():
    """PNG crops of FRAMES frames, each a smooth patch that moves on."""
    rng = np.random.Generator(np.random.PCG64(3))
    encoded = []
    for _ in range(FRAMES):
        cells = Image.fromarray(rng.integers(0, 256, (5, 5, 3), np.uint8))
        out = io.BytesIO()
        cells.resize((112, 112), Image.Resampling.BICUBIC).save(out, "png")
        encoded.append(out.getvalue())
    return np.array(encoded, object)


@pytest.fixture(scope="module")
def networks():
    """The paper's networks as its code builds them: plain layers, weights set by name."""
    import keras
    from keras import layers as kl

    def conv(width, name, padding="valid"):
        return kl.Conv2D(width, 5, padding=padding, activation="relu", use_bias=False, name=name)

    cnn = keras.Sequential(
        [
            keras.Input((96, 96, 1)),
            kl.BatchNormalization(name="batch_normalization_1"),
            conv(64, "conv2d_1", "same"),
            kl.MaxPooling2D(2),
            conv(128, "conv2d_2"),
            kl.MaxPooling2D(2),
            conv(256, "conv2d_3"),
            kl.AveragePooling2D(9, strides=9),
            kl.Flatten(),
            kl.Dense(300, name="dense_1"),
            kl.Dropout(0.5),
            kl.Dense(2, name="dense_2"),
        ]
    )
    rnn = keras.Sequential(
        [
            keras.Input((100, 300)),
            kl.GRU(100, return_sequences=True, name="gru"),
            kl.GRU(100, return_sequences=True, name="gru_1"),
            kl.GRU(50, name="gru_2"),
            kl.Dense(2, name="dense"),
        ]
    )
    return cnn, rnn


def set_by_name(network, layers):
    for name, weights in layers.items():
        for path, array in weights.items():
            (variable,) = [
                variable
                for variable in network.get_layer(name).weights
                if variable.name == path.split("/")[-1]
            ]
            variable.assign(array)


def images_of(crops):
    import tensorflow as tf

    from affectflow.images.ops import model_images, unit_range
    from affectflow.images.settings import ImageSettings

    return unit_range(model_images(tf.constant(crops), ImageSettings(resize="nearest")))


def test_frames_are_what_the_network_says(served, networks, crops):
    import keras

    cnn, _ = networks
    set_by_name(cnn, files.cnn_layers())
    features = keras.Model(cnn.inputs, cnn.get_layer("dense_1").output)
    images = images_of(crops[:8])
    expected = features(images, training=False).numpy()
    # Crops that give all the same would compare nothing.
    assert expected.std(axis=0).mean() > 0.01
    np.testing.assert_allclose(served.features(crops[:8]), expected, atol=1e-4)
    np.testing.assert_allclose(served.frame_outputs(crops[:8]), cnn(images), atol=1e-4)
    assert served.labels == ("valence", "arousal")


def windows_say(rnn, features):
    """Frame t + 100 by the window of the 100 frames before, as the paper has it."""
    return rnn.predict(features[np.newaxis, :100], verbose=0)[0]


def test_a_sequence_is_what_the_network_says(served, networks):
    _, rnn = networks
    set_by_name(rnn, files.rnn_layers())
    features = np.random.default_rng(0).normal(size=(FRAMES, 300)).astype(np.float32)
    found = served.sequence_outputs(features)
    assert found.shape == (FRAMES, 2)
    np.testing.assert_allclose(found[100], windows_say(rnn, features), atol=1e-5)


def test_the_release_says_what_it_is(imported, folder):
    assert (imported.number, imported.origin) == (1, "imported")
    assert sorted(imported.models) == ["cnn", "rnn", "serving", "tflite"]
    assert (folder / "releases/serving/1/saved_model.pb").is_file()
    recipe = imported.recipe
    assert {name: recipe[name] for name in ("name", "faces", "predict")} == {
        name: RECIPE[name] for name in ("name", "faces", "predict")
    }
    assert recipe["gate"] == RECIPE["gate"]
    # The authors' code loads images by PIL's nearest neighbour.
    assert recipe["image"] == {
        "image_size": 96, "grey": "luma", "resize": "nearest", "equalise": "none",
    }  # fmt: skip
    assert (recipe["rnn"]["cell"], recipe["rnn"]["label"]) == ("gru3", "next")
    assert recipe["cnn"]["outputs"] == "both"
    lineage = imported.lineage
    for name, parameters in (("cnn", files.CNN_PARAMETERS), ("rnn", files.GRU3_PARAMETERS)):
        entry = FileEntry.of(folder / f"{name}.h5")
        assert lineage["imported"][name] == {
            "name": f"{name}.h5",
            "parameters": parameters,
            "sha256": entry.sha256,
            "bytes": entry.bytes,
        }
    assert (lineage["packages"], lineage["code_version"]) == ({"keras": "3"}, "c0de")
    assert lineage["source"]["licence"] == "MIT"
    # Where a file lay on the importer's machine is nobody's business.
    assert str(folder) not in json.dumps([imported.lineage, imported.recipe, imported.metrics])


def test_the_stages_load_as_trained_ones_do(imported):
    from affectflow.models.files import load_stage
    from affectflow.models.settings import CnnSettings, RnnSettings

    cnn, _ = load_stage(imported.models["cnn"], CnnSettings)
    assert cnn.count_params() == files.CNN_PARAMETERS
    rnn, settings = load_stage(imported.models["rnn"], RnnSettings)
    assert settings.cell == "gru3"
    written = [array for weights in files.rnn_layers().values() for array in weights.values()]
    for variable, array in zip(rnn.weights, written):
        np.testing.assert_array_equal(variable, array)


def test_a_candidate_is_compared_by_scoring_it_anew(imported):
    from components.baseline_predictor.need import measured_already, other_faces, predicts

    rng = np.random.default_rng(0)
    labels = {name: rng.uniform(-1, 1, 50) for name in ("valence", "arousal")}
    settings = GateSettings(bootstrap=5)
    tally = VideoTally.of(
        VideoKey("made", "ben", "clip"),
        np.arange(50),
        labels,
        {(stage, name): labels[name] for stage in ("cnn", "rnn") for name in labels},
    )
    summary = summarise({VideoKey("made", "ben", "clip"): tally}, settings)
    assert predicts(imported, settings)
    assert not measured_already(imported, summary.digest, settings)
    assert other_faces(imported, json.dumps(RECIPE["faces"])) == ""
    # Where it cannot be scored, as when the gate judges what it does not predict: as it is.
    unscored = judge(summary, settings, Baseline(1, Summary.from_json(imported.metrics)))
    assert unscored.blessed
    assert "not compared with release 1: it has no stage rnn" in unscored.reasons[-1]
    assert judge(summary, settings, Baseline(1, summary, rescored=True)).blessed


def test_the_same_files_are_one_release(imported, folder, tmp_path, monkeypatch):
    before = (imported.path / "release.json").read_bytes()
    for name in ("cnn", "rnn"):
        shutil.copy(folder / f"{name}.h5", tmp_path / f"moved-{name}.hdf5")
    (folder / "releases/serving/1").unlink()
    again = release(tmp_path / "moved-cnn.hdf5", tmp_path / "moved-rnn.hdf5", folder / "releases")
    assert again.path == imported.path
    assert (imported.path / "release.json").read_bytes() == before
    assert (folder / "releases/serving/1/saved_model.pb").is_file()
    # Other weights, or weights taken for something else, are another release.
    found = read_checkpoints(folder / "cnn.h5", folder / "rnn.h5")
    assert run_id_of(found) == imported.run_id
    assert len(imported.run_id) == len("import-") + 16
    other = read_checkpoints(files.write_cnn(tmp_path / "b.h5", seed=1), folder / "rnn.h5")
    assert run_id_of(other) != imported.run_id


def test_a_damaged_release_is_not_taken_for_done(imported, folder, tmp_path):
    shutil.copytree(folder / "releases", tmp_path / "r", symlinks=True)
    (tmp_path / "r/0001/model/rnn/settings.json").unlink()
    with pytest.raises(InputError, match=r"is incomplete: model/rnn/settings\.json is missing"):
        release(folder / "cnn.h5", folder / "rnn.h5", tmp_path / "r")


def test_a_stop_leaves_nothing(folder, tmp_path, monkeypatch):
    from affectflow.models import files as model_files

    def stop(*args):
        raise KeyboardInterrupt

    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    monkeypatch.setattr(model_files, "save_stage", stop)
    with pytest.raises(KeyboardInterrupt):
        release(folder / "cnn.h5", folder / "rnn.h5", tmp_path / "releases")
    assert not (tmp_path / "releases").exists()
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(not CHECKPOINT.exists(), reason=f"no {CHECKPOINT} (AFFECTFLOW_REALDATA)")
def test_the_published_gru_is_served(folder, tmp_path, networks):
    import h5py

    from affectflow.models.released import ReleasedModel

    _, rnn = networks
    with h5py.File(CHECKPOINT) as file:
        stored = file["model_weights"]
        published = {
            layer: {path: stored[f"{layer}/{path}:0"][()] for path in weights}
            for layer, weights in {
                "gru": [f"gru/gru_cell/{n}" for n in ("kernel", "recurrent_kernel", "bias")],
                "gru_1": [f"gru_1/gru_cell_1/{n}" for n in ("kernel", "recurrent_kernel", "bias")],
                "gru_2": [f"gru_2/gru_cell_2/{n}" for n in ("kernel", "recurrent_kernel", "bias")],
                "dense": ["dense/kernel", "dense/bias"],
            }.items()
        }
    set_by_name(rnn, published)
    found = release(folder / "cnn.h5", CHECKPOINT, tmp_path / "releases")
    features = np.random.default_rng(1).normal(size=(FRAMES, 300)).astype(np.float32)
    outputs = ReleasedModel(found.models["serving"]).sequence_outputs(features)
    np.testing.assert_allclose(outputs[100], windows_say(rnn, features), atol=1e-4)
    assert np.abs(outputs).max() < 3
