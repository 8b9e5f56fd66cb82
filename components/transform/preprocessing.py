"""The preprocessing_fn of TFX's Transform."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
import tensorflow_transform as tft

from affectflow.corpora.classes import TASKS
from affectflow.images.ops import encode_images, model_images
from affectflow.images.settings import ImageSettings
from affectflow.plane import LABELS
from affectflow.records import frames

IMAGE = "image"
IMAGE_MEAN = "image_mean"
IMAGE_VARIANCE = "image_variance"
IMAGE_COUNT = "image_count"


def preprocessing_fn(inputs: dict[str, Any], custom_config: dict[str, Any]) -> dict[str, Any]:
    """Turns `frames` into what the frame model is trained on.

    Args:
        inputs: batched features of schemas/frames.pbtxt.
        custom_config: ``image`` holds the fields of ImageSettings; the rest only marks the
            version of this code in the cache key.

    Returns:
        ``image`` string [B, 1] (PNG of uint8, so that a materialised split is no larger than the
        crops), ``image_mean`` and ``image_variance`` float32 [B, 1] (one number over every pixel
        in [0, 1] of the training split, the same in each row: BatchNormalization starts from
        them), ``image_count`` int64 [B, 1] (of how many images these are), the labels float32
        [B, 1], NaN where there is none, the classes string [B, 1], "" where there is none, and
        what identifies the frame.
    """
    faces = tf.reshape(inputs[frames.FACE], [-1])
    images = model_images(faces, ImageSettings(**custom_config["image"]))
    count, mean, variance = _moments(images)
    outputs = {
        IMAGE: encode_images(images)[:, tf.newaxis],
        IMAGE_MEAN: _in_each_row(tf.cast(mean, tf.float32), faces),
        IMAGE_VARIANCE: _in_each_row(tf.cast(variance, tf.float32), faces),
        IMAGE_COUNT: _in_each_row(count, faces),
    }
    for name in LABELS:
        outputs[name] = _dense(inputs[name], float("nan"))
    for task in TASKS:
        outputs[task] = _dense(inputs[task], "")
    for name in (frames.VIDEO_ID, frames.SUBJECT_ID, frames.CORPUS, frames.FRAME_INDEX):
        outputs[name] = inputs[name]
    return outputs


def _moments(images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Number of images of the analysed split, and mean and variance of their pixels in [0, 1].

    One analyzer for all three, so that a runner which loses a part of the split cannot lose it from
    the statistics and not from the count. Sums of whole numbers are the same in whatever order
    workers add them; those of fractions differ in the last bit.

    Args:
        images: uint8 [B, S, S, C].

    Returns:
        int64 count, float64 mean and variance. Sums hold 10^10 images of 100×100 pixels.
    """
    values = tf.reshape(tf.cast(images, tf.int64), [tf.shape(images)[0], -1])
    sums = [
        tf.ones_like(values[:, 0]),
        tf.reduce_sum(values, axis=1),
        tf.reduce_sum(tf.square(values), axis=1),
    ]
    count, first, second = tf.unstack(tft.sum(tf.stack(sums, axis=1), reduce_instance_dims=False))
    pixels = tf.cast(count * images.shape[1:].num_elements(), tf.float64)
    mean = tf.cast(first, tf.float64) / pixels
    variance = tf.cast(second, tf.float64) / pixels - tf.square(mean)
    return count, mean / 255, variance / 255**2


def _in_each_row(scalar: tf.Tensor, like: tf.Tensor) -> tf.Tensor:
    return tf.fill([tf.size(like), 1], scalar)


def _dense(sparse: tf.SparseTensor, absent: float | str) -> tf.Tensor:
    # An optional feature arrives as [B, 0 or 1]; what is absent is no value that could be true.
    column = tf.SparseTensor(sparse.indices, sparse.values, [sparse.dense_shape[0], 1])
    return tf.sparse.to_dense(column, default_value=absent)
