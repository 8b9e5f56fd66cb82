"""Small sets of frames as TFRecords."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

Frames = Callable[..., list[Path]]


def example(image: np.ndarray, valence: float, arousal: float, subject: str) -> bytes:
    """A transformed frame as the Transform step writes it."""

    def floats(value: float) -> tf.train.Feature:
        return tf.train.Feature(float_list=tf.train.FloatList(value=[value]))

    png = tf.io.encode_png(image).numpy()
    features = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[png])),
        "subject_id": tf.train.Feature(bytes_list=tf.train.BytesList(value=[subject.encode()])),
        "valence": floats(valence),
        "arousal": floats(arousal),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


@pytest.fixture
def frames(tmp_path: Path) -> Frames:
    """``frames(count, size=32, shards=3, gzip=False, channels=1)`` writes frames, as follows.

    Frame i has valence i / count and arousal −i / count, and is grey level i (mod 256) but for its
    top-left pixel, which is 255: so an image tells which frame it is. Its subject is
    ``subject<i mod 3>``.
    """

    def write(
        count: int, size: int = 32, shards: int = 3, gzip: bool = False, channels: int = 1
    ) -> list[Path]:
        ends = np.linspace(0, count, shards + 1).astype(int)
        files = []
        for number, (begin, end) in enumerate(pairwise(ends)):
            path = tmp_path / f"frames-{number:05d}-of-{shards:05d}{'.gz' if gzip else ''}"
            with tf.io.TFRecordWriter(str(path), "GZIP" if gzip else "") as writer:
                for i in range(begin, end):
                    image = np.full((size, size, channels), i % 256, np.uint8)
                    image[0, 0] = 255
                    writer.write(example(image, i / count, -i / count, f"subject{i % 3}"))
            files.append(path)
        return files

    return write
