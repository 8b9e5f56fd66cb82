"""What judges the frame model's epochs: frames as they come, not as they were balanced."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from tfx.types import standard_artifacts

from affectflow.models.settings import CnnSettings
from affectflow.training.frame_data import FrameData
from components.parameters import exec_properties
from components.trainer import frame_executor
from components.trainer.inputs import split_files
from components.trainer.judges import write_judges

PEOPLE = ("anna", "ben", "cleo", "dan")
SETTINGS = CnnSettings(
    image_size=32, epochs=1, steps_per_epoch=1, batch_size=4, tune_fraction=0.25, seed=1
)


@pytest.fixture(scope="module")
def filmed(make_clip):
    """Ten frames of everybody, of which the last has no label; and one who is evaluated."""
    return [
        *(make_clip(f"of {name}", name, "train", range(10), [9]) for name in PEOPLE),
        make_clip("of eve", "eve", "eval", range(3)),
    ]


@pytest.fixture(scope="module")
def film(filmed, make_frames, tmp_path_factory):
    return make_frames(tmp_path_factory.mktemp("frames") / "examples", filmed)


def examples_of(files) -> list[dict]:
    found = []
    for path in files:
        kind = "GZIP" if str(path).endswith(".gz") else ""
        for record in tf.data.TFRecordDataset(str(path), kind):
            feature = tf.train.Example.FromString(record.numpy()).features.feature
            found.append(
                {
                    "subject": feature["subject_id"].bytes_list.value[0].decode(),
                    "image": feature["image"].bytes_list.value[0],
                    "label": [feature[n].float_list.value[0] for n in ("valence", "arousal")],
                }
            )
    return found


def test_every_labelled_frame_of_them_by_the_graph_that_made_the_others(
    film, filmed, transformed, tmp_path
):
    graph = transformed["transform_graph"].uri
    files = write_judges(film.uri, graph, {"ben", "dan"}, tmp_path / "judges", shard_frames=8)
    found = examples_of(files)
    # Nine of ten frames each, in order, eight a file.
    assert len(files) == 3
    assert [row["subject"] for row in found] == ["ben"] * 9 + ["dan"] * 9
    labels = np.concatenate(
        [clip.labels[:9] for clip in filmed if clip.subject_id in ("ben", "dan")]
    )
    np.testing.assert_array_equal(np.float32([row["label"] for row in found]), labels)
    data = FrameData(files, SETTINGS)
    assert data.count == 18


def test_they_look_as_those_that_transform_wrote(frames, transformed, tmp_path):
    files = write_judges(frames.uri, transformed["transform_graph"].uri, {"anna"}, tmp_path / "j")
    theirs = examples_of(split_files(transformed["transformed_examples"].uri, "train"))

    def in_any_order(rows):
        return sorted((*row["label"], row["subject"], row["image"]) for row in rows)

    assert in_any_order(examples_of(files)) == in_any_order(theirs)
    assert len(theirs) > 10


def test_the_frame_model_is_judged_on_them_and_trained_on_the_balanced_ones(
    film, transformed, make_artifact, execute, tmp_path, monkeypatch
):
    # As Transform would leave them: the first two frames of each, as if the rest were too many.
    from affectflow.records.shards import shard_name, split_dir, write_shard

    every = write_judges(
        film.uri, transformed["transform_graph"].uri, set(PEOPLE), tmp_path / "all"
    )
    balanced = make_artifact(standard_artifacts.Examples, tmp_path / "balanced")
    kept = []
    for at, record in enumerate(tf.data.TFRecordDataset([str(f) for f in every])):
        if at % 9 < 2:
            example = tf.train.Example.FromString(record.numpy())
            for name, value in (("image_mean", 0.5), ("image_variance", 0.1)):
                example.features.feature[name].float_list.value.append(value)
            kept.append(example.SerializeToString())
    write_shard(split_dir(balanced.uri, "train") / shard_name(0, 1), kept)
    seen = {}
    real = frame_executor.train_stage

    def noted(*args):
        seen["train"], seen["judges"] = args[-2]
        seen["parted"] = args[-1]
        return real(*args)

    made = []

    class Noted(FrameData):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            made.append(self)

    monkeypatch.setattr(frame_executor, "train_stage", noted)
    monkeypatch.setattr("affectflow.training.frame_data.FrameData", Noted)
    # There is no eval split at all: it could not be read if somebody tried.
    execute(
        frame_executor.Executor,
        {
            "examples": balanced,
            "frames": film,
            "transform_graph": transformed["transform_graph"],
        },
        {"model": standard_artifacts.Model, "model_run": standard_artifacts.ModelRun},
        {
            "training_root": str(tmp_path), "code_version": "t", "split_seed": 0, "start_from": "",
            "start_digest": "", **exec_properties(SETTINGS),
        },
    )  # fmt: skip
    (judge,) = seen["parted"].tune
    assert seen["train"].count == 2 * 3
    (judging,) = [data for data in made if data.count == 9]
    assert {row["subject"] for row in examples_of(judging.files)} == {judge}
    assert sum(len(label) for _, label in seen["judges"]) == 9
    assert split_files(balanced.uri, "train")
