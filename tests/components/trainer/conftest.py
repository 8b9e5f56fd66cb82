from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tfx.types import standard_artifacts

from affectflow.models.settings import CnnSettings
from affectflow.records.clips import StoredClip, save_clips
from affectflow.records.features import parse_run
from affectflow.records.shards import read_shard, shards
from affectflow.release.tree import tree_digest
from components.parameters import exec_properties
from components.trainer import frame_executor, sequence_executor


@pytest.fixture
def frames_of(make_artifact, tmp_path):
    """frames_of(features) -> the `frames` that they are of, as far as trainers look at them"""

    def make(features):
        made = make_artifact(standard_artifacts.Examples, tmp_path / "frames-of-features")
        runs = [
            (split, parse_run(record))
            for split in ("train", "eval")
            for path in shards(features.uri, split)
            for record in read_shard(path)
        ]
        save_clips(
            made.uri,
            [
                StoredClip(
                    run.video_id, run.subject_id, run.corpus, split, (),
                    int((~np.isnan(run.labels).any(axis=1)).sum()), run.classes,
                )
                for split, run in runs
            ],
        )  # fmt: skip
        return made

    return make


@pytest.fixture
def train(execute, transformed, frames, features, frames_of, tmp_path):
    """train(settings, start="", **properties) -> outputs of the stage that the settings are of

    A module has a fixture ``features`` of its own, the sequence model's examples; ``start`` is the
    folder of a stage.
    """

    def run(settings, start="", **properties):
        is_cnn = isinstance(settings, CnnSettings)
        return execute(
            frame_executor.Executor if is_cnn else sequence_executor.Executor,
            {
                "examples": transformed["transformed_examples"] if is_cnn else features,
                "frames": frames if is_cnn else frames_of(features),
                **({"transform_graph": transformed["transform_graph"]} if is_cnn else {}),
            },
            {"model": standard_artifacts.Model, "model_run": standard_artifacts.ModelRun},
            {
                "training_root": str(tmp_path / "training"),
                "code_version": "test",
                "split_seed": 0,
                "start_from": str(start),
                "start_digest": tree_digest(Path(start)) if start else "",
                **({} if is_cnn else {"state": "windowed"}),
                **exec_properties(settings),
                **properties,
            },
        )

    return run
