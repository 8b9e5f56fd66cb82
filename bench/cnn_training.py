"""CNN training, images/s, over the same model on one batch that is in memory.

Both ways that FrameData has: decoded images in memory, and in a file that is mapped.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from affectflow.models.settings import CnnSettings
from affectflow.plane import LABELS
from affectflow.records.shards import shard_name, write_shard
from bench.result import Result
from bench.training import compare
from bench.workbench import Workbench

IMAGES, ROUNDS = 4096, 2
SETTINGS = CnnSettings(batch_size=64, steps_per_epoch=12)


def measure(bench: Workbench) -> list[Result]:
    """The ratio for images in memory, and for those in a file."""
    from affectflow.models.cnn import build_cnn
    from affectflow.training.frame_data import FrameData

    files = write_images(bench.root / "cnn_training", IMAGES, SETTINGS.image_size)
    results = []
    for name, settings in (
        ("cnn_training", SETTINGS),
        ("cnn_training_mapped", replace(SETTINGS, cache_mib=0)),
    ):
        speeds = compare(
            partial(build_cnn, settings, image_mean=0.5, image_variance=0.05),
            FrameData(files, settings, scratch=bench.root).train,
            settings,
            bench.root / name,
            ROUNDS,
        )
        results.append(Result(name, speeds.ratio, 0.9, detail=speeds.words("images")))
    return results


def write_images(folder: Path, count: int, size: int) -> list[Path]:
    """Shards of images as Transform leaves them, PNG with about the entropy of a face crop."""
    import cv2
    import tensorflow as tf

    rng = np.random.Generator(np.random.PCG64(0))

    def record(number: int) -> bytes:
        coarse = rng.integers(0, 256, (12, 12), np.uint8)
        image = cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC)
        image = cv2.add(image, rng.integers(0, 6, (size, size), np.uint8))
        example = tf.train.Example()
        feature = example.features.feature
        feature["image"].bytes_list.value.append(cv2.imencode(".png", image)[1].tobytes())
        feature["corpus"].bytes_list.value.append(b"noise")
        feature["video_id"].bytes_list.value.append(b"noise")
        feature["frame_index"].int64_list.value.append(number)
        for label in LABELS:
            feature[label].float_list.value.append(rng.uniform(-1, 1))
        return example.SerializeToString()

    shards = 4
    paths = [folder / shard_name(number, shards) for number in range(shards)]
    for number, path in enumerate(paths):
        write_shard(
            path, map(record, range(number * count // shards, (number + 1) * count // shards))
        )
    return paths
