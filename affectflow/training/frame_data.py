"""Frames for the CNN: TFRecords of encoded images to batches that keep a device busy.

A set that fits a budget is decoded once and kept as uint8 (a quarter of float32); a larger one is
streamed from its shards. Which of the two it is changes the shuffle and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from affectflow.errors import InputError
from affectflow.images.settings import require_grey
from affectflow.models.settings import LABELS, CnnSettings
from affectflow.training.augment import augment
from affectflow.training.order import epoch_batches, epoch_order, epoch_seed, epoch_steps

_SUBJECT = {"subject_id": tf.io.FixedLenFeature([], tf.string)}

SHUFFLE_BUFFER = 16_384
"""Encoded examples that a streamed epoch shuffles at a time, some 100 MB."""

_SPEC = {
    "image": tf.io.FixedLenFeature([], tf.string),
    **{name: tf.io.FixedLenFeature([1], tf.float32) for name in LABELS},
}


class FrameData:
    """A set of labelled frames.

    Args:
        files: TFRecords (a name in ``.gz`` is gzip) of tf.train.Examples: ``image``, the PNG or
            JPEG bytes of a grey uint8 [image_size, image_size] picture; ``valence`` and
            ``arousal``, one float each, every one of them a label.
        settings: image size, batch, steps, outputs, augmentation, seed, ``cache_mib``.
        subjects: frames of these alone, by the feature ``subject_id``; None = of everybody.

    Attributes:
        count: frames in the files.
        cached: whether they are kept in memory.

    Raises:
        InputError: no files, no frames, or images of colour or of another size than the settings'.
    """

    def __init__(
        self,
        files: Sequence[str | Path],
        settings: CnnSettings,
        subjects: Collection[str] | None = None,
    ):
        self.files = sorted(str(f) for f in files)
        self.settings = settings
        self._subjects = None if subjects is None else _table_of(subjects)
        if not self.files:
            raise InputError("files is empty; one TFRecord file of frames or more would do")
        self.count = self._count()
        if self.count == 0:
            of_whom = "" if subjects is None else f" of subjects {', '.join(sorted(subjects))}"
            raise InputError(
                f"{self.files[0]} and its {len(self.files)} shards hold no frame{of_whom}"
            )
        self._check_image()
        size = settings.image_size
        self.cached = self.count * size * size <= settings.cache_mib * 2**20
        if self.cached:
            self._images, self._labels = self._decode_all()

    @property
    def steps(self) -> int:
        """Batches in a training epoch."""
        s = self.settings
        return epoch_steps(self.count, s.batch_size, s.steps_per_epoch)

    def train(self, epoch: int) -> tf.data.Dataset:
        """One epoch: shuffled by (seed, epoch), augmented as the settings say, whole batches only.

        Returns:
            (image float32 [batch, S, S, 1] in [0, 1], label float32 [batch, outputs]), ``steps``
            times. More steps than the set has go through it again.
        """
        batches = self._cached_epoch(epoch) if self.cached else self._streamed_epoch(epoch)
        seed = epoch_seed(self.settings.seed, epoch)

        def prepare(number: tf.Tensor, batch: Any) -> tuple[tf.Tensor, tf.Tensor]:
            image, label = batch
            image = _scaled(image)
            if self.settings.augment == "paper":
                image = augment(image, tf.stack([tf.constant(seed, tf.int64), number]))
            return image, label

        return batches.enumerate().map(prepare, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)

    def in_order(self) -> tf.data.Dataset:
        """Every frame once in the order of the files, unchanged: for validation.

        Returns:
            Batches as ``train``'s; the last may be smaller.
        """
        if self.cached:
            data = tf.data.Dataset.range(self.count).batch(self.settings.batch_size)
            data = data.map(self._gather, tf.data.AUTOTUNE)
        else:
            data = self._records().map(self._decode, tf.data.AUTOTUNE)
            data = data.batch(self.settings.batch_size)
        return data.map(lambda image, label: (_scaled(image), label)).prefetch(tf.data.AUTOTUNE)

    def _cached_epoch(self, epoch: int) -> tf.data.Dataset:
        s = self.settings
        order = epoch_batches(self.count, s.batch_size, s.steps_per_epoch, s.seed, epoch)
        return tf.data.Dataset.from_tensor_slices(order).map(self._gather, tf.data.AUTOTUNE)

    def _streamed_epoch(self, epoch: int) -> tf.data.Dataset:
        batch = min(self.settings.batch_size, self.count)
        passes = -(-self.steps * batch // self.count)
        order = epoch_order(len(self.files), passes * len(self.files), self.settings.seed, epoch)
        seed = epoch_seed(self.settings.seed, epoch)

        # Each pass has a shuffle of its own, so that no frame is seen twice before all were seen.
        def one_pass(number: tf.Tensor, files: tf.Tensor) -> tf.data.Dataset:
            return self._of_subjects(_interleaved(files)).shuffle(
                SHUFFLE_BUFFER, seed=seed + number, reshuffle_each_iteration=False
            )

        files = np.array(self.files)[order].reshape(passes, len(self.files))
        data = tf.data.Dataset.from_tensor_slices(files).enumerate().flat_map(one_pass)
        data = data.map(self._decode, tf.data.AUTOTUNE)
        data = data.batch(batch, drop_remainder=True).take(self.steps)
        return data.apply(tf.data.experimental.assert_cardinality(self.steps))

    def _gather(self, numbers: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.gather(self._images, numbers), tf.gather(self._labels, numbers)

    def _decode(self, record: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """A serialised example -> (uint8 [S, S, 1], float32 [outputs])."""
        size = self.settings.image_size
        example = tf.io.parse_single_example(record, _SPEC)
        image = tf.io.decode_image(example["image"], channels=1, expand_animations=False)
        label = tf.concat([example[name] for name in self.settings.label_names], axis=0)
        return tf.ensure_shape(image, [size, size, 1]), label

    def _records(self) -> tf.data.Dataset:
        """Serialised records, file after file."""
        return self._of_subjects(tf.data.Dataset.from_tensor_slices(self.files).flat_map(_open))

    def _of_subjects(self, records: tf.data.Dataset) -> tf.data.Dataset:
        table = self._subjects
        if table is None:
            return records
        return records.filter(
            lambda record: table.lookup(tf.io.parse_single_example(record, _SUBJECT)["subject_id"])
        )

    def _count(self) -> int:
        sizes = self._records().batch(4096).map(lambda r: tf.size(r, tf.int64))
        return int(sizes.reduce(tf.constant(0, tf.int64), lambda total, size: total + size))

    def _check_image(self) -> None:
        first = next(iter(self._records().take(1)))
        png = tf.io.parse_single_example(first, _SPEC)["image"]
        image = tf.io.decode_image(png, expand_animations=False)
        require_grey(image.shape[2], "the frame model")
        found = tuple(image.shape[:2])
        wanted = (self.settings.image_size, self.settings.image_size)
        if found != wanted:
            raise InputError(
                f"image_size is {wanted[0]}, but the images are {found[0]}x{found[1]} (height x "
                f"width); set image_size to what the frames were transformed to"
            )

    def _decode_all(self) -> tuple[tf.Tensor, tf.Tensor]:
        # Captured by the graphs of every epoch by reference, and on the host whatever the device.
        with tf.device("/CPU:0"):
            data = self._records().map(self._decode, tf.data.AUTOTUNE).batch(1024)
            parts = list(data.as_numpy_iterator())
            return (
                tf.constant(np.concatenate([image for image, _ in parts])),
                tf.constant(np.concatenate([label for _, label in parts])),
            )


def _table_of(subjects: Collection[str]) -> tf.lookup.StaticHashTable:
    names = tf.constant(sorted(subjects), tf.string)
    there = tf.lookup.KeyValueTensorInitializer(names, tf.fill(tf.shape(names), True))
    return tf.lookup.StaticHashTable(there, default_value=False)


def _interleaved(files: tf.Tensor) -> tf.data.Dataset:
    """Serialised records of several shards read at once, in a fixed order."""
    return tf.data.Dataset.from_tensor_slices(files).interleave(
        _open, cycle_length=8, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True
    )


def _open(file: tf.Tensor) -> tf.data.TFRecordDataset:
    gzip = tf.strings.regex_full_match(file, r".*\.gz")
    return tf.data.TFRecordDataset(file, compression_type=tf.where(gzip, "GZIP", ""))


def _scaled(image: tf.Tensor) -> tf.Tensor:
    return tf.cast(image, tf.float32) * (1.0 / 255.0)
