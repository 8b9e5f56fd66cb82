"""Transforms balanced frames by tensorflow-transform, and counts what came through."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from tfx.components.transform import executor
from tfx.types import artifact_utils

from affectflow.corpora.clip import SPLITS, ClipKey
from affectflow.records.clip_counts import (
    LostRecords,
    load_clip_counts,
    of_split,
    reconcile,
    save_clip_counts,
)
from affectflow.records.frames import CORPUS, VIDEO_ID
from affectflow.records.shards import shards, transformed_records

_BATCH = 4096


class Executor(executor.Executor):
    """TFX's executor, and a count of what it read and wrote."""

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Writes ``transform_graph`` and ``transformed_examples``.

        Raises:
            LostRecords: a clip has not as many examples as balanced frames, or the images' mean
                and variance are not of all training frames.
        """
        super().Do(input_dict, output_dict, exec_properties)
        balanced = load_clip_counts(artifact_utils.get_single_uri(input_dict["examples"]))
        transformed = artifact_utils.get_single_uri(output_dict["transformed_examples"])
        found: Counter[ClipKey] = Counter()
        for split in SPLITS:
            found += _count(shards(transformed, split), split)
        reconcile("transformed examples", balanced, found)
        _check_analysed(shards(transformed, "train"), of_split(balanced, "train").total())
        save_clip_counts(transformed, found)


def _count(files: list[Path], split: str) -> Counter[ClipKey]:
    """Examples of each clip of a split."""
    import tensorflow as tf

    spec = {name: tf.io.FixedLenFeature([], tf.string) for name in (CORPUS, VIDEO_ID)}
    batches = transformed_records(files).batch(_BATCH)
    found: Counter[ClipKey] = Counter()
    for batch in batches.map(lambda b: tf.io.parse_example(b, spec)).as_numpy_iterator():
        for corpus, video in zip(batch[CORPUS], batch[VIDEO_ID]):
            found[ClipKey(split, corpus.decode(), video.decode())] += 1
    return found


def _check_analysed(files: list[Path], expected: int) -> None:
    """Whether mean and variance are of all images, by the count that stands beside them."""
    import tensorflow as tf

    from components.transform.preprocessing import IMAGE_COUNT

    for record in transformed_records(files).take(1):
        feature = tf.train.Example.FromString(record.numpy()).features.feature
        analysed = feature[IMAGE_COUNT].int64_list.value[0]
        if analysed != expected:
            raise LostRecords(
                f"the images' mean and variance are of {analysed} of {expected} training frames"
            )
