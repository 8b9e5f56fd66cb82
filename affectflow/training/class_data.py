"""Samples of a classifier as batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.training.augment import augment
from affectflow.training.order import epoch_batches, epoch_seed, epoch_steps
from affectflow.training.samples import Samples


class ClassData:
    """A set of samples.

    Args:
        samples: what ``read_samples`` gave.
        settings: batch, steps, augmentation, seed.

    Attributes:
        count: samples.
    """

    def __init__(self, samples: Samples, settings: ClassifierSettings):
        self.samples = samples
        self.settings = settings
        self.count = len(samples)
        # Captured by the graphs of every epoch by reference, and on the host whatever the device.
        with tf.device("/CPU:0"):
            self._images = tf.constant(samples.images)
            self._rows = tf.constant(samples.rows)
            self._labels = {task: tf.constant(found) for task, found in samples.labels.items()}
            self._audio = None if samples.audio is None else tf.constant(samples.audio)

    @property
    def steps(self) -> int:
        """Batches in a training epoch."""
        s = self.settings
        return epoch_steps(self.count, s.batch_size, s.steps_per_epoch)

    def train(self, epoch: int) -> tf.data.Dataset:
        """One epoch: shuffled by (seed, epoch), augmented as the settings say, whole batches only.

        Returns:
            (x, task -> int32 [batch]), ``steps`` times. x is float32 [batch, S, S, channels] or
            [batch, T, S, S, channels] in [0, 1], or of a network that hears, ``clip`` and
            ``audio`` float32 [batch, D].
        """
        s = self.settings
        order = epoch_batches(self.count, s.batch_size, s.steps_per_epoch, s.seed, epoch)
        data = self._gathered(tf.data.Dataset.from_tensor_slices(order))
        if s.augment == "none":
            return data.prefetch(tf.data.AUTOTUNE)
        seed = epoch_seed(s.seed, epoch)

        def change(number: tf.Tensor, batch: Any) -> tuple[Any, Any]:
            x, labels = batch
            return _changed(x, tf.stack([tf.constant(seed, tf.int64), number])), labels

        return data.enumerate().map(change, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)

    def in_order(self) -> tf.data.Dataset:
        """Every sample once in order, unchanged. The last batch may be smaller."""
        numbers = tf.data.Dataset.range(self.count).batch(self.settings.batch_size)
        return self._gathered(numbers).prefetch(tf.data.AUTOTUNE)

    def _gathered(self, numbers: tf.data.Dataset) -> tf.data.Dataset:
        def gather(batch: tf.Tensor) -> tuple[Any, Any]:
            image = tf.cast(tf.gather(self._images, tf.gather(self._rows, batch)), tf.float32)
            x: Any = image * (1.0 / 255.0)
            if self._audio is not None:
                x = {"clip": x, "audio": tf.gather(self._audio, batch)}
            return x, {task: tf.gather(found, batch) for task, found in self._labels.items()}

        return numbers.map(gather, num_parallel_calls=2)


def _changed(x: Any, seed: tf.Tensor) -> Any:
    """Augments images, or clips: all frames of a clip by one draw, so that nobody jumps about."""
    if isinstance(x, dict):
        return {**x, "clip": _changed(x["clip"], seed)}
    if x.shape.rank == 4:
        return augment(x, seed)
    batch, frames, height, width, channels = tf.unstack(tf.shape(x))
    wide = tf.reshape(tf.transpose(x, [0, 2, 3, 1, 4]), [batch, height, width, frames * channels])
    back = tf.reshape(augment(wide, seed), [batch, height, width, frames, channels])
    return tf.ensure_shape(tf.transpose(back, [0, 3, 1, 2, 4]), x.shape)


def pixel_statistics(samples: Samples) -> tuple[float, float]:
    """Mean and variance of the samples' pixels in [0, 1]."""
    # Counts of the 256 levels, so that no copy in floats is made.
    counts = np.bincount(samples.images.reshape(-1), minlength=256).astype(np.float64)
    levels = np.arange(256) / 255.0
    mean = float(counts @ levels / counts.sum())
    return mean, float(counts @ (levels - mean) ** 2 / counts.sum())
