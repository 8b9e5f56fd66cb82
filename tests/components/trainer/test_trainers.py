"""A trainer leaves model, settings and history; a killed one goes on where it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tfx.types import standard_artifacts

from affectflow.errors import InputError
from affectflow.models.files import load_stage
from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.records.clips import CLIPS_FILE
from affectflow.records.features import FeatureRun
from affectflow.records.shards import shard_name, split_dir, write_shard
from affectflow.training import fit as fitting
from affectflow.training.holdout import hold_out
from components.parameters import exec_properties
from components.trainer import frame_executor, sequence_executor
from components.trainer.inputs import NothingToTrainOn, split_files
from components.trainer.people import plane_subjects, subjects_apart
from components.trainer.stage import state_key

CNN = CnnSettings(image_size=32, epochs=2, steps_per_epoch=2, batch_size=4, seed=1)
RNN = RnnSettings(cell="gru1", window=3, epochs=2, batch_size=4, normalize="features", seed=1)
NEW_WEIGHTS = {"start_from": "", "start_digest": ""}


@pytest.fixture(scope="module")
def features(make_artifact, tmp_path_factory):
    rng = np.random.Generator(np.random.PCG64(0))
    made = make_artifact(standard_artifacts.Examples, tmp_path_factory.mktemp("features"))
    for split, lengths in (("train", (12, 5, 2)), ("eval", (9,))):
        runs = [
            FeatureRun(
                split, split, "made", 0, rng.normal(2, 3, (n, 10)).astype(np.float32),
                rng.uniform(-1, 1, (n, 2)).astype(np.float32),
            )
            for n in lengths
        ]  # fmt: skip
        write_shard(
            split_dir(made.uri, split) / shard_name(0, 1), [run.serialize() for run in runs]
        )
    return made


def history(outputs) -> dict:
    return json.loads(Path(outputs["model_run"].uri, "history.json").read_text())


def weights(outputs, settings) -> list[np.ndarray]:
    return load_stage(outputs["model"].uri, type(settings))[0].get_weights()


@pytest.mark.parametrize("settings", [CNN, RNN], ids=["cnn", "rnn"])
def test_what_a_training_leaves(train, settings, tmp_path):
    outputs = train(settings)
    model, saved = load_stage(outputs["model"].uri, type(settings))
    assert saved == settings
    shape = (2, 32, 32, 1) if settings is CNN else (2, 3, 10)
    assert model(np.zeros(shape, np.float32)).shape == (2, 2)
    told = history(outputs)
    assert told["stage"] == ("cnn" if settings is CNN else "rnn")
    assert len(told["history"]) == 2
    assert {"loss", "val_ccc_valence", "validation_loss"} <= set(told["history"][0])
    assert told["best_loss"] == min(epoch["validation_loss"] for epoch in told["history"])
    assert told["resumed_from"] == 0
    assert told["started_from"] == ""
    assert list(Path(outputs["model_run"].uri).glob("events.out.tfevents.*"))
    # The state of an unfinished training is of no use to a finished one.
    assert list((tmp_path / "training").iterdir()) == []


def test_held_out_subjects_judge_epochs_and_the_eval_split_is_not_looked_at(
    make_artifact, frames_of, execute, tmp_path
):
    subjects = ["anna", "ben", "cleo", "dan"]
    rng = np.random.Generator(np.random.PCG64(0))
    made = make_artifact(standard_artifacts.Examples, tmp_path / "features")
    runs = [
        FeatureRun(name, name, "made", 0, rng.normal(0, 1, (9, 10)).astype(np.float32),
                   rng.uniform(-1, 1, (9, 2)).astype(np.float32))
        for name in subjects
    ]  # fmt: skip
    # There is no eval split at all: it could not be read if somebody tried.
    write_shard(split_dir(made.uri, "train") / shard_name(0, 1), [run.serialize() for run in runs])
    settings = replace(RNN, tune_fraction=0.25)
    outputs = execute(
        sequence_executor.Executor,
        {"examples": made, "frames": frames_of(made)},
        {"model": standard_artifacts.Model, "model_run": standard_artifacts.ModelRun},
        {
            "training_root": str(tmp_path),
            "code_version": "t",
            "split_seed": 7,
            "state": "carried",
            **NEW_WEIGHTS,
            **exec_properties(settings),
        },
    )
    parted = hold_out(dict.fromkeys(subjects, ()), 0.25, 7)
    assert history(outputs)["tuned_on"] == sorted(parted.tune)
    assert history(outputs)["one_sided"] == {}
    # Normalised by those who are trained on, alone: by the definition of a held-out subject.
    scale = load_stage(outputs["model"].uri, RnnSettings)[0].get_layer("scale")
    vectors = np.concatenate([run.features for run in runs if run.subject_id in parted.fit])
    np.testing.assert_allclose(scale(vectors[np.newaxis]).numpy()[0].mean(axis=0), 0, atol=1e-4)


def test_both_stages_hold_out_the_same_people_whatever_their_own_seeds(
    make_frames, make_clip, tmp_path
):
    clips = [make_clip(f"v{n}", f"s{n:02d}", "train", [0]) for n in range(30)]
    # Whoever has no label is nobody to judge by, and nobody of the eval split is asked.
    clips += [make_clip("w", "without", "train", [0], [0]), make_clip("e", "eve", "eval", [0])]
    people = plane_subjects(make_frames(tmp_path / "frames", clips).uri)
    assert set(people) == {f"s{n:02d}" for n in range(30)}
    cnn, rnn = replace(CNN, tune_fraction=0.1), replace(RNN, tune_fraction=0.1, seed=99)
    parted = subjects_apart(people, cnn, 4, "cnn")
    assert subjects_apart(people, rnn, 4, "rnn") == parted
    assert len(parted.tune) == 3


def test_frames_that_do_not_say_who_has_labels(make_artifact, tmp_path):
    made = make_artifact(standard_artifacts.Examples, tmp_path / "frames")
    row = {"video_id": "v", "subject_id": "s", "corpus": "c", "split": "train", "parts": []}
    Path(made.uri, CLIPS_FILE).write_text(json.dumps([row]))
    with pytest.raises(InputError, match=r"names no training clip with valence .* makes them anew"):
        plane_subjects(made.uri)


def test_a_single_training_subject_leaves_the_eval_split_to_judge(train):
    assert history(train(RNN))["tuned_on"] == "eval"


@pytest.mark.parametrize("settings", [CNN, RNN], ids=["cnn", "rnn"])
def test_a_killed_training_goes_on_and_ends_as_the_unbroken_one(
    train, settings, tmp_path, monkeypatch
):
    unbroken = train(settings, training_root=str(tmp_path / "other"))
    real = fitting._one_epoch

    def killed(model, batches, validation, epoch, *rest):
        if epoch == 1:
            raise KeyboardInterrupt
        return real(model, batches, validation, epoch, *rest)

    monkeypatch.setattr(fitting, "_one_epoch", killed)
    with pytest.raises(KeyboardInterrupt):
        train(settings)
    (state,) = (tmp_path / "training").iterdir()
    assert (state / "state.npz").is_file()

    epochs = []

    def counted(model, batches, validation, epoch, *rest):
        epochs.append(epoch)
        return real(model, batches, validation, epoch, *rest)

    monkeypatch.setattr(fitting, "_one_epoch", counted)
    resumed = train(settings)
    assert epochs == [1]
    assert history(resumed)["resumed_from"] == 1
    assert len(history(resumed)["history"]) == 2
    for one, two in zip(weights(resumed, settings), weights(unbroken, settings)):
        np.testing.assert_allclose(one, two, atol=1e-5)
    assert list((tmp_path / "training").iterdir()) == []


@pytest.fixture
def trained_in(make_artifact):
    """trained_in(workspace, **properties): the name of the state of a training there."""

    def name(workspace, execution="7", **properties):
        given = make_artifact(standard_artifacts.Examples, workspace / "artifacts/p" / execution)
        told = {"training_root": str(workspace / "training"), "start_from": "", "start_digest": ""}
        return state_key({"examples": [given]}, {**told, "seed": 1, **properties})

    return name


def test_the_state_of_a_training_is_found_after_its_workspace_was_moved(trained_in, tmp_path):
    one, two = tmp_path / "one", tmp_path / "mnt/two"
    assert trained_in(one) == trained_in(two)
    assert trained_in(one, "8") != trained_in(one)
    assert trained_in(one, seed=2) != trained_in(one)

    def started(workspace, digest):
        folder = str(workspace / "releases/0001/model/cnn")
        return trained_in(workspace, start_from=folder, start_digest=digest)

    assert started(one, "d" * 64) == started(two, "d" * 64)
    assert len({started(one, "d" * 64), started(one, "e" * 64), trained_in(one)}) == 3


def test_other_settings_or_code_are_another_training(train, tmp_path, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "_out_of_patience", killed)
    (tmp_path / "training").mkdir()
    seen = []

    def state_of(settings, **properties):
        real = fitting.snapshot.restore

        def noted(folder, *rest):
            seen.append(Path(folder).name)
            return real(folder, *rest)

        with monkeypatch.context() as patch:
            patch.setattr(fitting.snapshot, "restore", noted)
            with pytest.raises(KeyboardInterrupt):
                train(settings, **properties)
        return seen[-1]

    first = state_of(RNN)
    assert state_of(RNN) == first
    assert state_of(RNN, code_version="newer") != first
    assert state_of(RnnSettings(**{**exec_properties(RNN), "seed": 2})) != first


def test_the_batch_norm_starts_from_the_training_split_s_statistics(train, transformed):
    files = split_files(transformed["transformed_examples"].uri, "train")
    mean, variance = frame_executor.image_statistics(files)
    pixels = []
    for record in tf.data.TFRecordDataset([str(f) for f in files], "GZIP"):
        feature = tf.train.Example.FromString(record.numpy()).features.feature
        pixels.append(tf.io.decode_png(feature["image"].bytes_list.value[0]).numpy() / 255)
    assert mean == pytest.approx(np.mean(pixels), rel=1e-5)
    assert variance == pytest.approx(np.var(pixels), rel=1e-4)
    # With an inertia near 1 what the training adds is little.
    settings = CnnSettings(**{**exec_properties(CNN), "epochs": 1, "norm_momentum": 0.9999})
    norm = load_stage(train(settings)["model"].uri, CnnSettings)[0].get_layer("norm")
    assert norm.moving_mean.numpy() == pytest.approx([mean], rel=1e-2)
    assert norm.moving_variance.numpy() == pytest.approx([variance], rel=1e-2)


def test_normalised_features_are_the_training_split_s(train, features):
    from components.trainer.sequence_executor import _runs

    scale = load_stage(train(RNN)["model"].uri, RnnSettings)[0].get_layer("scale")
    vectors = np.concatenate([run.features for run in _runs(features.uri, "train")])
    found = scale(vectors[np.newaxis]).numpy()[0]
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(found.std(axis=0), 1, atol=1e-4)


def test_images_of_another_size_are_refused(train):
    with pytest.raises(InputError, match="image_size is 40, but the images are 32x32"):
        train(CnnSettings(**{**exec_properties(CNN), "image_size": 40}))


@pytest.mark.parametrize("split", ["train", "eval"])
def test_a_split_without_shards_says_what_a_corpus_needs(tmp_path, split):
    with pytest.raises(
        NothingToTrainOn, match=f"split {split} of .* has no shards; a corpus needs"
    ):
        split_files(str(tmp_path), split)
