"""Every frame with a face has its feature, in gap-free runs, as the model alone makes it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tfx.types import standard_artifacts

from affectflow.errors import InputError
from affectflow.images.ops import model_images, unit_range
from affectflow.images.settings import ImageSettings
from affectflow.models.cnn import feature_model
from affectflow.models.files import load_stage
from affectflow.models.settings import CnnSettings
from affectflow.records.features import FeatureRun, parse_run
from affectflow.records.shards import read_shard, shards
from affectflow.release.tree import tree_digest
from components.feature_extractor.executor import Executor, clip_features, with_labels_filled
from components.feature_extractor.settings import FeatureSettings
from components.parameters import exec_properties
from tests.lost_elements import losses_unnoticed

NAN = np.nan


@pytest.fixture(scope="module")
def extract(execute, frames, transformed, cnn):
    """extract(**settings) -> runs by video_id, each in the file of its split"""

    def run(beam=(), **settings):
        outputs = execute(
            Executor,
            {
                "frames": frames,
                "transform_graph": transformed["transform_graph"],
                "model": cnn,
            },
            {"features": standard_artifacts.Examples},
            {"code_version": "test", **exec_properties(FeatureSettings(**settings))},
            beam=beam,
        )
        return outputs["features"]

    return run


def runs_of(features, split: str) -> dict[str, list[FeatureRun]]:
    found: dict[str, list[FeatureRun]] = {}
    for path in shards(features.uri, split):
        for record in read_shard(path):
            run = parse_run(record)
            found.setdefault(run.video_id, []).append(run)
    return found


@pytest.fixture(scope="module")
def features(extract):
    # Three images a call: a clip of 11 frames ends with a batch that is not full.
    return extract(feature_batch=3)


def test_every_frame_with_a_face_is_in_one_gap_free_run(features, clips):
    for split in ("train", "eval"):
        found = runs_of(features, split)
        assert set(found) == {clip.video_id for clip in clips if clip.split == split}
        for clip in (c for c in clips if c.split == split):
            steps = [
                run.first_frame + step
                for run in found[clip.video_id]
                for step in range(len(run.features))
            ]
            assert steps == list(clip.frame_index)
            assert {run.subject_id for run in found[clip.video_id]} == {clip.subject_id}
    # By hand from the fixture: frame 5 of "anna 1" and frame 4 of "ben 1" have no face.
    lengths = {v: [len(r.features) for r in runs] for v, runs in runs_of(features, "train").items()}
    assert lengths == {"anna 1": [5, 6], "anna 2": [9]}
    assert [len(run.features) for run in runs_of(features, "eval")["ben 1"]] == [4, 5]
    classes = {v: [r.classes for r in runs] for v, runs in runs_of(features, "train").items()}
    assert classes == {"anna 1": [{}, {}], "anna 2": [{"expression": "joy", "age": "20-39"}]}
    assert features.split_names == '["train", "eval"]'


def test_features_are_the_model_s_own(features, clips, cnn):
    model = feature_model(load_stage(cnn.uri, CnnSettings)[0])
    for clip in clips:
        faces = tf.constant([record.face for record in clip.records()])
        images = unit_range(model_images(faces, ImageSettings(image_size=32)))
        expected = model(images, training=False).numpy()
        runs = runs_of(features, clip.split)[clip.video_id]
        found = np.concatenate([run.features for run in runs])
        np.testing.assert_allclose(found, expected, atol=1e-5)
        assert expected.std(axis=0).max() > 1e-3, "features that do not differ would prove nothing"


def test_labels_are_filled_between_neighbours_in_train_alone_and_if_asked(extract):
    features = extract(interpolate_frames=1)
    first, second = runs_of(features, "train")["anna 1"]
    # Frame i has the valence i / 50 (see the fixture). Frame 0 has nothing before it to
    # interpolate from; frame 3 is half-way between frames 2 and 4.
    np.testing.assert_allclose(first.labels[:, 0], [NAN, 0.02, 0.04, 0.06, 0.08], atol=1e-6)
    np.testing.assert_allclose(second.labels[:, 1], -np.arange(6, 12) / 100, atol=1e-6)
    held_out, _ = runs_of(features, "eval")["ben 1"]
    np.testing.assert_allclose(held_out.labels[:, 0], [0, 0.02, NAN, 0.06], atol=1e-6)


def test_by_default_labels_are_what_annotators_said(features):
    first, _ = runs_of(features, "train")["anna 1"]
    np.testing.assert_allclose(first.labels[:, 0], [NAN, 0.02, 0.04, NAN, 0.08], atol=1e-6)


def test_workers_and_batches_change_no_more_than_rounding(extract, features):
    other = extract(
        feature_batch=128, beam=["--direct_num_workers=2", "--direct_running_mode=multi_threading"]
    )
    for split in ("train", "eval"):
        names = [path.name for path in shards(features.uri, split)]
        assert [path.name for path in shards(other.uri, split)] == names
        before, after = runs_of(features, split), runs_of(other, split)
        for video, runs in before.items():
            for one, two in zip(runs, after[video]):
                np.testing.assert_allclose(one.features, two.features, atol=1e-5)
                np.testing.assert_array_equal(one.labels, two.labels)


def test_the_network_is_called_with_batches_as_they_fill(clips):
    batches, read = [], []

    def records():
        for record in clips[0].records():
            read.append(record.frame_index)
            yield record

    def network(faces):
        # A long clip's crops would fill the memory if all were read before the first call.
        batches.append((len(faces), len(read)))
        return np.zeros((len(faces), 2), np.float32)

    runs = list(clip_features(records(), network, 4))
    assert batches == [(4, 4), (4, 8), (3, 11)]
    assert [len(run.features) for run in runs] == [5, 6]
    assert list(clip_features(iter([]), network, 4)) == []


def test_every_run_of_a_clip_has_the_class_that_one_of_its_frames_has(make_clip):
    clip = make_clip("v", "anna", "eval", [0, 1, 5, 6])
    records = clip.records()
    records[2] = replace(records[2], classes={"expression": "fear", "age": "70+"})
    runs = clip_features(iter(records), lambda faces: np.zeros((len(faces), 2), np.float32), 4)
    assert [run.classes for run in runs] == [{"expression": "fear", "age": "70+"}] * 2


def test_a_cut_ends_a_run_and_labels_are_not_filled_across_it(make_clip):
    clip = make_clip("v", "anna", "train", range(6), unlabelled=[2, 3])
    records = [replace(record, shot=record.frame_index // 3) for record in clip.records()]
    runs = list(
        clip_features(iter(records), lambda faces: np.zeros((len(faces), 2), np.float32), 4)
    )
    assert [(run.first_frame, len(run.features)) for run in runs] == [(0, 3), (3, 3)]
    filled = [with_labels_filled(run, most=9).labels for run in runs]
    assert np.isnan(filled[0]).any(axis=1).tolist() == [False, False, True]
    assert np.isnan(filled[1]).any(axis=1).tolist() == [True, False, False]


def test_a_file_a_clip(features, clips):
    names = [path.name for s in ("train", "eval") for path in shards(features.uri, s)]
    assert len(names) == len(set(names)) == len(clips)
    assert not list(Path(features.uri).glob("**/.*"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"feature_batch": 0}, "feature_batch is 0; a whole number from 1 to"),
        ({"interpolate_frames": -1}, "interpolate_frames is -1; a whole number from 0 to"),
    ],
)
def test_settings_that_cannot_be(settings, message):
    with pytest.raises(InputError, match=message):
        FeatureSettings(**settings)


def test_no_element_is_lost_unnoticed(extract):
    assert losses_unnoticed(lambda: tree_digest(Path(extract().uri))) == []
