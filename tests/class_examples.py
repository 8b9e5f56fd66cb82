"""Transformed examples with classes, made without a corpus: a class is a level of grey."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from affectflow.records.audio import AudioRecord
from affectflow.records.clip_counts import ClipRow, counted, save_clip_counts
from affectflow.records.shards import split_dir, write_shard

SIZE = 16
LEVELS = {"joy": 200, "fear": 50}
TASKS = ("expression", "gender", "race", "age")


def example(
    subject: str, video: str, frame: int, expression: str, channels: int = 1, **classes: str
) -> bytes:
    """A record as Transform writes it; the picture is noise about its expression's level."""
    from tensorflow.core.example.example_pb2 import Example

    rng = np.random.default_rng([ord(letter) for letter in f"{video}{frame}"])
    shape = (SIZE, SIZE) if channels == 1 else (SIZE, SIZE, channels)
    picture = rng.normal(LEVELS.get(expression, 120), 10, shape).clip(0, 255).astype(np.uint8)
    png = io.BytesIO()
    Image.fromarray(picture).save(png, "PNG")
    made = Example()
    feature = made.features.feature
    texts = {"corpus": "made", "subject_id": subject, "video_id": video, "expression": expression}
    for name, text in {**dict.fromkeys(TASKS, ""), **texts, **classes}.items():
        feature[name].bytes_list.value.append(text.encode())
    feature["image"].bytes_list.value.append(png.getvalue())
    feature["frame_index"].int64_list.value.append(frame)
    return made.SerializeToString(deterministic=True)


def write_examples(uri: str, channels: int = 1, frames: int = 1) -> None:
    """Five subjects in train and two in eval, a video of each class by each."""
    counts: list[ClipRow] = []
    for split, subjects in (("train", "abcde"), ("eval", "xy")):
        records = [
            example(
                subject, f"{subject}_{expression}", frame, expression, channels,
                gender="female" if subject in "abx" else "male",
            )
            for subject in subjects
            for expression in LEVELS
            for frame in range(frames)
        ]  # fmt: skip
        write_shard(split_dir(uri, split) / "data-00000-of-00001.tfrecord", records)
        videos = (f"{subject}_{expression}" for subject in subjects for expression in LEVELS)
        counts += [(split, "made", video, frames) for video in videos]
    save_clip_counts(uri, counted(counts))


def write_sounds(uri: str, without: str = "") -> None:
    """A vector for each of these videos; the one named ``without`` is silent."""
    rng = np.random.default_rng(0)
    for split, subjects in (("train", "abcde"), ("eval", "xy")):
        records = [
            AudioRecord(
                f"{subject}_{expression}", subject, "made",
                None
                if f"{subject}_{expression}" == without
                else rng.normal(level, 5, 8).astype(np.float32),
            ).serialize()
            for subject in subjects
            for expression, level in LEVELS.items()
        ]  # fmt: skip
        write_shard(split_dir(uri, split) / "data-00000-of-00001.tfrecord", records)
