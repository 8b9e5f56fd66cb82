"""The frames by which the frame model's epochs are judged: all that the held-out people have.

Training sees frames that are balanced over the plane; a model is used, and evaluated, on frames as
they come. Transform has materialised the balanced ones alone, so what judges is made here from the
frames themselves, by the graph that made the others.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from affectflow import progress
from affectflow.plane import AROUSAL, VALENCE
from affectflow.records.clips import load_clips
from affectflow.records.frames import CORPUS, FRAME_INDEX, SUBJECT_ID, VIDEO_ID, FrameRecord
from affectflow.records.shards import write_shard
from components.feature_extractor.executor import clip_records

_BATCH = 256


def write_judges(
    frames_uri: str, graph_uri: str, people: Collection[str], out: Path, shard_frames: int = 8192
) -> list[Path]:
    """Writes every frame of some training subjects that has a valence and an arousal.

    Args:
        frames_uri: of `frames`.
        graph_uri: of the transform graph by which the training images were made.
        people: subjects of the training split.
        out: folder; made if absent.
        shard_frames: frames a file.

    Returns:
        TFRecords that FrameData reads, in the order of the clips.
    """
    import tensorflow as tf

    from affectflow.models.serving import TransformedImages

    images = TransformedImages(graph_uri)
    encoded = tf.function(images.encoded, input_signature=[tf.TensorSpec([None], tf.string)])
    records = _labelled(frames_uri, people)
    paths: list[Path] = []
    while shard := list(islice(records, shard_frames)):
        batches = (shard[at : at + _BATCH] for at in range(0, len(shard), _BATCH))
        paths.append(out / f"judges-{len(paths):05d}.tfrecord")
        write_shard(
            paths[-1],
            (
                _serialized(record, png)
                for batch in batches
                for record, png in zip(batch, encoded(np.array([r.face for r in batch])).numpy())
            ),
        )
    return paths


def _labelled(frames_uri: str, people: Collection[str]) -> Iterator[FrameRecord]:
    clips = [
        clip
        for clip in load_clips(frames_uri)
        if clip.split == "train" and clip.subject_id in people and clip.in_plane
    ]
    total = sum(clip.in_plane for clip in clips)
    for clip in clips:
        for record in clip_records(frames_uri, clip):
            if record.in_plane:
                progress.advance("frames that judge epochs", 1, total)
                yield record


def _serialized(record: FrameRecord, image: bytes) -> bytes:
    from tensorflow.core.example.example_pb2 import Example

    from components.transform.preprocessing import IMAGE

    example = Example()
    feature = example.features.feature
    feature[IMAGE].bytes_list.value.append(image)
    for name, text in (
        (CORPUS, record.corpus),
        (VIDEO_ID, record.video_id),
        (SUBJECT_ID, record.subject_id),
    ):
        feature[name].bytes_list.value.append(text.encode())
    feature[FRAME_INDEX].int64_list.value.append(record.frame_index)
    feature[VALENCE].float_list.value.append(record.valence)
    feature[AROUSAL].float_list.value.append(record.arousal)
    return example.SerializeToString(deterministic=True)
