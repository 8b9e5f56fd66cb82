"""TFX's statistics are of every frame, or the node fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.types import standard_artifacts

from affectflow.records.clip_counts import LostRecords
from affectflow.records.shards import read_shard, shards, write_shard
from components.statistics_gen.executor import STATISTICS_FILE, Executor
from schemas import schema_path
from tests.lost_elements import losses_unnoticed


@pytest.fixture
def describe(execute, make_artifact, tmp_path):
    """describe(frames) -> frames that the statistics are of, by split"""
    schema = make_artifact(standard_artifacts.Schema, tmp_path / "schema")
    shutil.copy(schema_path("frames"), Path(schema.uri, "schema.pbtxt"))

    def run(examples):
        statistics = execute(
            Executor,
            {"examples": examples, "schema": schema},
            {"statistics": standard_artifacts.ExampleStatistics},
            {"exclude_splits": "[]"},
        )["statistics"]
        return {
            split: statistics_pb2.DatasetFeatureStatisticsList.FromString(
                Path(statistics.uri, f"Split-{split}", STATISTICS_FILE).read_bytes()
            )
            .datasets[0]
            .num_examples
            for split in ("train", "eval")
        }

    return run


def test_statistics_are_of_all_frames(describe, frames):
    # Clips of 11 and 9 frames to train on, one of 9 to evaluate.
    assert describe(frames) == {"train": 20, "eval": 9}


def test_a_record_less_is_noticed(describe, make_frames, clips, tmp_path):
    examples = make_frames(tmp_path / "examples", clips)
    path = shards(examples.uri, "train")[1]
    write_shard(path, list(read_shard(path))[1:])
    with pytest.raises(LostRecords, match="split train are of 19 of 20 frames"):
        describe(examples)


@pytest.mark.slow
def test_no_element_is_lost_unnoticed(describe, frames):
    assert losses_unnoticed(lambda: describe(frames)) == []
