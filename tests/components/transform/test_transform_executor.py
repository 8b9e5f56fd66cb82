"""Every balanced frame comes through Transform once, or the node fails."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tfx.types import standard_artifacts

from affectflow.records.clip_counts import (
    CLIP_COUNTS_FILE,
    LostRecords,
    load_clip_counts,
    save_clip_counts,
)
from affectflow.records.peek import peek_features
from affectflow.records.shards import shards, transformed_records
from components.transform import preprocessing
from components.transform.executor import Executor
from schemas import schema_path
from tests.lost_elements import losses_unnoticed


@pytest.fixture
def transform(execute, make_artifact, tmp_path):
    """transform(balanced) -> transformed examples"""
    schema = make_artifact(standard_artifacts.Schema, tmp_path / "schema")
    shutil.copy(schema_path("frames"), Path(schema.uri, "schema.pbtxt"))

    def run(examples):
        return execute(
            Executor,
            {"examples": examples, "schema": schema},
            {
                "transform_graph": standard_artifacts.TransformGraph,
                "transformed_examples": standard_artifacts.Examples,
            },
            {
                "preprocessing_fn": f"{preprocessing.__name__}.preprocessing_fn",
                "custom_config": json.dumps({"image": {"image_size": 16}, "code_version": "test"}),
                "disable_statistics": 1,
            },
        )["transformed_examples"]

    return run


def test_what_came_through_is_counted_by_clip(transform, frames):
    assert load_clip_counts(transform(frames).uri) == {
        ("train", "made", "anna 1"): 11,
        ("train", "made", "anna 2"): 9,
        ("eval", "made", "ben 1"): 9,
    }


def test_a_clip_that_came_through_in_part_is_named(transform, make_frames, clips, tmp_path):
    examples = make_frames(tmp_path / "examples", clips)
    counts = load_clip_counts(examples.uri)
    counts["eval", "made", "ben 1"] += 2
    save_clip_counts(examples.uri, counts)
    with pytest.raises(LostRecords, match=r"1 of 3 clips .*: made/ben 1 \(eval\): 9 of 11"):
        transform(examples)


@pytest.mark.slow
def test_no_element_is_lost_unnoticed(transform, frames):
    def node():
        examples = transform(frames)
        records = [
            sorted(
                # Neither records nor the features of one come in the same order twice.
                str(sorted(peek_features(record).items()))
                for record in transformed_records(shards(examples.uri, split)).as_numpy_iterator()
            )
            for split in ("train", "eval")
        ]
        return records, Path(examples.uri, CLIP_COUNTS_FILE).read_bytes()

    assert losses_unnoticed(node) == []
