"""TFX's statistics are of every frame, or the node fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tensorflow_metadata.proto.v0 import statistics_pb2
from tfx.types import standard_artifacts

from affectflow.records.clip_counts import LostRecords
from affectflow.records.clips import load_clips
from affectflow.records.shards import read_shard, shards, write_shard
from components.statistics_gen.described import check_described, features_of
from components.statistics_gen.executor import STATISTICS_FILE, Executor
from schemas import schema_path
from tests.lost_elements import losses_unnoticed


@pytest.fixture
def describe(execute, make_artifact, tmp_path):
    """describe(frames) -> the statistics, by split"""
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
            ).datasets[0]
            for split in ("train", "eval")
        }

    return run


def test_statistics_are_of_all_frames(describe, frames):
    # Clips of 11 and 9 frames to train on, one of 9 to evaluate.
    found = describe(frames)
    assert {split: one.num_examples for split, one in found.items()} == {"train": 20, "eval": 9}


def test_what_frames_hold_is_what_statistics_are_of(describe, frames):
    clips = load_clips(frames.uri)
    for split, found in describe(frames).items():
        of_split = [clip for clip in clips if clip.split == split]
        names = {feature.path.step[0] for feature in found.features}
        assert features_of(frames.uri, split, of_split) == names


def forgets_a_feature(found):
    del found.features[3]


def forgets_a_frame_of_a_feature(found):
    found.features[3].string_stats.common_stats.num_non_missing -= 1


def forgets_a_value(found):
    ranks = found.features[3].string_stats.rank_histogram
    ranks.buckets[0].sample_count -= 1


def forgets_part_of_a_histogram(found):
    found.features[2].num_stats.histograms[1].buckets[0].sample_count -= 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (forgets_a_feature, "lack corpus"),
        (forgets_a_frame_of_a_feature, "corpus has frames of 19 of 20"),
        (forgets_a_value, "corpus has ranks of 19 of 20"),
        (forgets_part_of_a_histogram, "box has a histogram of 78 of 80"),
    ],
)
def test_what_is_missing_of_a_feature_is_named(describe, frames, change, said):
    clips = [clip for clip in load_clips(frames.uri) if clip.split == "train"]
    found = describe(frames)["train"]
    # By name; of these the fourth is corpus, the third box.
    ordered = sorted(found.features, key=lambda feature: feature.path.step[0])
    statistics = statistics_pb2.DatasetFeatureStatisticsList()
    dataset = statistics.datasets.add(num_examples=found.num_examples)
    dataset.features.extend(ordered)
    check_described(statistics, "train", clips, features_of(frames.uri, "train", clips))
    change(dataset)
    with pytest.raises(LostRecords, match=f"split train:? {said}"):
        check_described(statistics, "train", clips, features_of(frames.uri, "train", clips))


def test_a_record_less_is_noticed(describe, make_frames, clips, tmp_path):
    examples = make_frames(tmp_path / "examples", clips)
    path = shards(examples.uri, "train")[1]
    write_shard(path, list(read_shard(path))[1:])
    with pytest.raises(LostRecords, match="split train are of 19 of 20 frames"):
        describe(examples)


@pytest.mark.slow
def test_no_element_is_lost_unnoticed(describe, frames):
    assert losses_unnoticed(lambda: describe(frames)) == []
