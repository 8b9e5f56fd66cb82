"""Training that starts from the weights of a saved stage."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tfx.types import standard_artifacts

from affectflow.errors import InputError
from affectflow.models.files import load_stage
from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.records.features import FeatureRun
from affectflow.records.shards import shard_name, split_dir, write_shard
from affectflow.release.tree import tree_digest
from affectflow.training import fit as fitting
from components.trainer import sequence_executor

# So slow that what is learnt in an epoch is far less than what tells two initialisations apart.
STILL = {"learning_rate": 1e-9, "epochs": 1}
CNN = CnnSettings(image_size=32, steps_per_epoch=2, batch_size=4, seed=1, **STILL)
RNN = RnnSettings(cell="gru1", window=3, batch_size=4, normalize="features", seed=1, **STILL)


@pytest.fixture(scope="module")
def features(make_artifact, tmp_path_factory):
    rng = np.random.Generator(np.random.PCG64(0))
    made = make_artifact(standard_artifacts.Examples, tmp_path_factory.mktemp("features"))
    for split, length in (("train", 12), ("eval", 9)):
        run = FeatureRun(
            split, split, "made", 0, rng.normal(2, 3, (length, 10)).astype(np.float32),
            rng.uniform(-1, 1, (length, 2)).astype(np.float32),
        )  # fmt: skip
        write_shard(split_dir(made.uri, split) / shard_name(0, 1), [run.serialize()])
    return made


def model(outputs, settings):
    return load_stage(outputs["model"].uri, type(settings))[0]


def far_apart(ours, theirs):
    """Whether the kernels of two models differ by far more than training so slowly changes."""
    # A GRU's bias has two dimensions as well, and begins as zeros.
    kernels = [(a, b) for a, b in zip(ours, theirs, strict=True) if a.ndim > 1 and len(a) > 2]
    return all(np.abs(a - b).mean() > 1e-3 for a, b in kernels)


@pytest.mark.parametrize("settings", [CNN, RNN], ids=["cnn", "rnn"])
def test_training_starts_from_the_saved_weights_under_the_new_settings(train, settings):
    # Fast enough that no bias is 0 any more.
    saved = train(replace(settings, learning_rate=0.05))
    folder = saved["model"].uri
    # Everything that may differ does: only weights come over.
    changed = replace(settings, seed=2, batch_size=2, loss="mse", optimizer="adam")
    changed = (
        replace(changed, dropout=0.1)
        if settings is CNN
        else replace(changed, window=4, label="last")
    )
    fresh = model(train(changed), changed)
    started = train(changed, folder)
    begun, saved_model = model(started, changed), model(saved, settings)
    for ours, theirs in zip(begun.get_weights(), saved_model.get_weights(), strict=True):
        # A batch norm's statistics move by momentum, however slow the training.
        np.testing.assert_allclose(ours, theirs, atol=1e-4 if ours.ndim > 1 else 0.1)
    assert far_apart(begun.get_weights(), fresh.get_weights())
    assert load_stage(started["model"].uri, type(settings))[1] == changed
    history = json.loads(Path(started["model_run"].uri, "history.json").read_text())
    assert history["started_from"] == folder


def test_features_are_scaled_by_the_new_training_set(train, features, make_artifact, tmp_path):
    # As an import gives it: the saved network scales nothing, the new one its own features.
    plain = replace(RNN, normalize="none")
    saved = train(plain)
    begun = model(train(RNN, saved["model"].uri), RNN)
    assert [w.shape for w in begun.weights] == [w.shape for w in model(saved, plain).weights]
    vectors = np.concatenate(
        [run.features for run in sequence_executor._runs(features.uri, "train")]
    )
    scaled = begun.get_layer("scale")(vectors[np.newaxis]).numpy()[0]
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-4)


@pytest.mark.parametrize(
    ("settings", "changes", "message"),
    [
        (
            RNN,
            {"cell": "gru3"},
            r"rnn cannot start from '.*': layer 'gru_1' has no weights there and weights of"
            r" 100×300, 100×300, 2×300 here; rnn.cell is 'gru1' there and 'gru3' here; the same",
        ),
        (
            RNN,
            {"cell": "simple1"},
            r"layer 'simple_rnn' has no weights there and weights of 10×100, 100×100, 100 here;"
            r" rnn.cell is 'gru1' there and 'simple1' here",
        ),
        (
            CNN,
            {"outputs": "valence"},
            r"cnn cannot start from '.*': layer 'head' has weights of 300×2, 2 there and weights of"
            r" 300×1, 1 here; cnn.outputs is 'both' there and 'valence' here; the same would do",
        ),
    ],
    ids=["gru3", "simple1", "head"],
)
def test_another_network_is_refused(train, settings, changes, message):
    folder = train(settings)["model"].uri
    with pytest.raises(InputError, match=message):
        train(replace(settings, **changes), folder)


def test_one_label_is_not_the_other_though_shapes_agree(train):
    valence = replace(RNN, outputs="valence")
    folder = train(valence)["model"].uri
    with pytest.raises(InputError, match=r"rnn.outputs is 'valence' there and 'arousal' here"):
        train(replace(RNN, outputs="arousal"), folder)


def test_features_of_another_length_are_refused(train, make_rnn):
    # No setting makes them agree.
    with pytest.raises(
        InputError,
        match=r"layer 'gru' has weights of 300×300, 100×300, 2×300 there and weights of 10×300, .*"
        r"; weights of the same layers would do",
    ):
        train(RNN, make_rnn("last").uri)


def test_weights_that_changed_since_the_run_began_are_refused(train, tmp_path):
    folder = tmp_path / "release/model/rnn"
    shutil.copytree(train(RNN)["model"].uri, folder)
    digest = tree_digest(folder)
    shutil.rmtree(folder)
    shutil.copytree(train(replace(RNN, seed=2))["model"].uri, folder)
    with pytest.raises(InputError, match=r"release/model/rnn, whose .* other content than when"):
        train(RNN, folder, start_digest=digest)
    shutil.rmtree(folder)
    with pytest.raises(InputError, match=r"is gone or has other content.*; start a new run"):
        train(RNN, folder, start_digest=digest)


def test_a_killed_training_goes_on_from_its_own_state(train, monkeypatch, tmp_path):
    folder = train(RNN)["model"].uri
    settings = replace(RNN, epochs=2, learning_rate=0.1)
    unbroken = train(settings, folder, training_root=str(tmp_path / "other"))
    real = fitting._one_epoch

    def killed(network, batches, validation, epoch, *rest):
        if epoch == 1:
            raise KeyboardInterrupt
        return real(network, batches, validation, epoch, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(fitting, "_one_epoch", killed)
        with pytest.raises(KeyboardInterrupt):
            train(settings, folder)
    (state,) = (tmp_path / "training").iterdir()
    # Another start is another training, and leaves that one's state alone.
    train(settings)
    assert [path.name for path in (tmp_path / "training").iterdir()] == [state.name]
    resumed = train(settings, folder)
    history = json.loads(Path(resumed["model_run"].uri, "history.json").read_text())
    assert history["resumed_from"] == 1
    pairs = zip(model(resumed, settings).get_weights(), model(unbroken, settings).get_weights())
    for one, two in pairs:
        np.testing.assert_allclose(one, two, atol=1e-5)
