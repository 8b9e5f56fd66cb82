"""Frames for the CNN: TFRecords of encoded images to batches that keep a device busy.

Every image is decoded once and kept as uint8 (a quarter of float32): in memory within a budget,
else in a file that is mapped into memory. Which of the two it is changes nothing that is seen.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import tensorflow as tf

from affectflow.errors import InputError
from affectflow.images.settings import require_grey
from affectflow.models.settings import CnnSettings
from affectflow.plane import LABELS
from affectflow.records.frames import CORPUS, FRAME_INDEX, SUBJECT_ID, VIDEO_ID
from affectflow.records.shards import transformed_records
from affectflow.training.augment import augment
from affectflow.training.order import epoch_batches, epoch_seed, epoch_steps

_SUBJECT = {SUBJECT_ID: tf.io.FixedLenFeature([], tf.string)}
_IDENTITY = {
    CORPUS: tf.io.FixedLenFeature([], tf.string),
    VIDEO_ID: tf.io.FixedLenFeature([], tf.string),
    FRAME_INDEX: tf.io.FixedLenFeature([], tf.int64),
}
_SPEC = {
    "image": tf.io.FixedLenFeature([], tf.string),
    **{name: tf.io.FixedLenFeature([1], tf.float32) for name in LABELS},
}
_BATCH = 1024


class FrameData:
    """A set of labelled frames, in the order of (corpus, video, frame).

    That is an order of the frames and not of the files: Transform's workers put frames into shards,
    and number these, as they come to an end.

    Args:
        files: TFRecords (all of gzip, by names in ``.gz``, or none) of Examples: ``image``, the PNG
            or JPEG bytes of a grey uint8 [image_size, image_size] picture; ``valence`` and
            ``arousal``, one float each, every one of them a label; and what identifies the frame.
        settings: image size, batch, steps, outputs, augmentation, seed, ``cache_mib``.
        subjects: frames of these alone, by the feature ``subject_id``; None = of everybody.
        scratch: folder of the file that holds the images if there are more than ``cache_mib``;
            made if absent. None = that of temporary files.

    Attributes:
        count: frames in the files.
        cached: whether the images are in memory, and not in a file.

    Raises:
        InputError: no files, no frames, or images of colour or of another size than the settings'.
        OSError: ``scratch`` has no room.
    """

    def __init__(
        self,
        files: Sequence[str | Path],
        settings: CnnSettings,
        subjects: Collection[str] | None = None,
        scratch: Path | None = None,
    ):
        self.files = sorted(str(f) for f in files)
        self.settings = settings
        self._subjects = None if subjects is None else _table_of(subjects)
        if not self.files:
            raise InputError("files is empty; one TFRecord file of frames or more would do")
        self._order = self._canonical_order()
        self.count = len(self._order)
        if self.count == 0:
            of_whom = "" if subjects is None else f" of subjects {', '.join(sorted(subjects))}"
            raise InputError(
                f"{self.files[0]} and its {len(self.files)} shards hold no frame{of_whom}"
            )
        self._check_image()
        shape = (self.count, settings.image_size, settings.image_size, 1)
        self.cached = int(np.prod(shape)) <= settings.cache_mib * 2**20
        # Captured by the graphs of every epoch by reference, and on the host whatever the device.
        with tf.device("/CPU:0"):
            labels = np.empty((self.count, len(settings.label_names)), np.float32)
            if self.cached:
                images = np.empty(shape, np.uint8)
                self._decode_into(images, labels)
                self._images = tf.constant(images)
            else:
                with _file_of(int(np.prod(shape)), scratch) as file:
                    self._decode_into(np.memmap(file, np.uint8, "r+", shape=shape), labels)
                    # Not by a function of Python in each map: on two cores that waits for ever.
                    self._images = tf.raw_ops.ImmutableConst(
                        dtype=tf.uint8, shape=shape, memory_region_name=file.name
                    )
            self._labels = tf.constant(labels)

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
        s = self.settings
        batches = epoch_batches(self.count, s.batch_size, s.steps_per_epoch, s.seed, epoch)
        seed = epoch_seed(s.seed, epoch)

        def prepare(number: tf.Tensor, batch: Any) -> tuple[tf.Tensor, tf.Tensor]:
            image, label = batch
            image = _scaled(image)
            if s.augment == "paper":
                image = augment(image, tf.stack([tf.constant(seed, tf.int64), number]))
            return image, label

        data = tf.data.Dataset.from_tensor_slices(self._order[batches])
        data = data.map(self._gather, tf.data.AUTOTUNE)
        return data.enumerate().map(prepare, tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)

    def in_order(self) -> tf.data.Dataset:
        """Every frame once, in order and unchanged: for validation.

        Returns:
            Batches as ``train``'s; the last may be smaller.
        """
        data = tf.data.Dataset.from_tensor_slices(self._order).batch(self.settings.batch_size)
        data = data.map(self._gather, tf.data.AUTOTUNE)
        return data.map(lambda image, label: (_scaled(image), label)).prefetch(tf.data.AUTOTUNE)

    def _gather(self, at: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        return tf.gather(self._images, at), tf.gather(self._labels, at)

    def _decode(self, record: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """A serialised example -> (uint8 [S, S, 1], float32 [outputs])."""
        size = self.settings.image_size
        example = tf.io.parse_single_example(record, _SPEC)
        image = tf.io.decode_image(example["image"], channels=1, expand_animations=False)
        label = tf.concat([example[name] for name in self.settings.label_names], axis=0)
        return tf.ensure_shape(image, [size, size, 1]), label

    def _records(self) -> tf.data.Dataset:
        """Serialised records of the subjects, file after file."""
        records = transformed_records(self.files)
        table = self._subjects
        if table is None:
            return records
        return records.filter(
            lambda record: table.lookup(tf.io.parse_single_example(record, _SUBJECT)[SUBJECT_ID])
        )

    def _canonical_order(self) -> np.ndarray:
        """Where each frame lies among the records, int64 [count], by (corpus, video, frame)."""
        clips: dict[tuple[bytes, bytes], int] = {}
        # A number a clip: names of millions of frames would be larger than the set.
        clip, frame = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        identities = self._records().batch(_BATCH).map(_identity, tf.data.AUTOTUNE)
        for batch in identities.as_numpy_iterator():
            names = zip(batch[CORPUS], batch[VIDEO_ID])
            clip.append(np.array([clips.setdefault(name, len(clips)) for name in names]))
            frame.append(batch[FRAME_INDEX])
        rank = np.empty(len(clips), np.int64)
        rank[[clips[name] for name in sorted(clips)]] = np.arange(len(clips))
        return np.lexsort((np.concatenate(frame), rank[np.concatenate(clip)]))

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

    def _decode_into(self, images: np.ndarray, labels: np.ndarray) -> None:
        """Fills both with the records as they come."""
        data = self._records().map(self._decode, tf.data.AUTOTUNE).batch(_BATCH).prefetch(1)
        end = 0
        for image, label in data.as_numpy_iterator():
            at = slice(end, end := end + len(image))
            images[at], labels[at] = image, label


@contextmanager
def _file_of(size: int, folder: Path | None) -> Iterator[IO[bytes]]:
    """A file of so many bytes, which loses its name at the end and stays as long as it is mapped.

    TensorFlow keeps what it has mapped by name, so that no two may have one name.
    """
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="images-") as file:
        try:
            # A write to a mapped page that the disk has no room for would end the process.
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            raise OSError(error.errno, error.strerror, file.name) from error
        yield file


def _identity(records: tf.Tensor) -> dict[str, tf.Tensor]:
    return tf.io.parse_example(records, _IDENTITY)


def _table_of(subjects: Collection[str]) -> tf.lookup.StaticHashTable:
    names = tf.constant(sorted(subjects), tf.string)
    there = tf.lookup.KeyValueTensorInitializer(names, tf.fill(tf.shape(names), True))
    return tf.lookup.StaticHashTable(there, default_value=False)


def _scaled(image: tf.Tensor) -> tf.Tensor:
    return tf.cast(image, tf.float32) * (1.0 / 255.0)
