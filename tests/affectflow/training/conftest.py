"""Small sets of frames as TFRecords."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

Frames = Callable[..., list[Path]]


def example(
    image: np.ndarray, valence: float, arousal: float, subject: str, video: str, frame_index: int
) -> bytes:
    """A transformed frame as the Transform step writes it."""

    def text(value: str) -> tf.train.Feature:
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value.encode()]))

    def floats(value: float) -> tf.train.Feature:
        return tf.train.Feature(float_list=tf.train.FloatList(value=[value]))

    png = tf.io.encode_png(image).numpy()
    features = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[png])),
        "corpus": text("made"),
        "subject_id": text(subject),
        "video_id": text(video),
        "frame_index": tf.train.Feature(int64_list=tf.train.Int64List(value=[frame_index])),
        "valence": floats(valence),
        "arousal": floats(arousal),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


@pytest.fixture
def frames(tmp_path: Path) -> Frames:
    """``frames(count, size=32, shards=3, gzip=False, channels=1, order=None)`` writes frames.

    Frame i has valence i / count and arousal −i / count, and is grey level i (mod 256) but for its
    top-left pixel, which is 255: so an image tells which frame it is. Its subject is
    ``subject<i mod 3>``. Videos are of twenty frames, and are called so that text and number order
    them alike. ``order`` is that in which the frames are written; None = by number.
    """

    def write(
        count: int,
        size: int = 32,
        shards: int = 3,
        gzip: bool = False,
        channels: int = 1,
        order: Sequence[int] | None = None,
    ) -> list[Path]:
        ends = np.linspace(0, count, shards + 1).astype(int)
        files = []
        for number, (begin, end) in enumerate(pairwise(ends)):
            path = tmp_path / f"frames-{number:05d}-of-{shards:05d}{'.gz' if gzip else ''}"
            with tf.io.TFRecordWriter(str(path), "GZIP" if gzip else "") as writer:
                for i in (range(count) if order is None else order)[begin:end]:
                    image = np.full((size, size, channels), i % 256, np.uint8)
                    image[0, 0] = 255
                    labels = i / count, -i / count
                    writer.write(
                        example(image, *labels, f"subject{i % 3}", f"video{i // 20:02d}", i % 20)
                    )
            files.append(path)
        return files

    return write
