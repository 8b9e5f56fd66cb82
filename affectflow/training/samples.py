"""What a classifier is trained and measured on: images, or clips of images, with their classes.

A corpus of classes is small beside one of annotated video: FER2013 is 90 MB at 50×50, CREMA-D at
paper 4's 28×28 in colour 1.3 GB. So the images that are used lie in memory as uint8, and clips are
rows of positions among them: a frame that two samples share is there once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from affectflow.corpora.classes import TASKS
from affectflow.errors import InputError
from affectflow.models.class_losses import UNKNOWN
from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.clip_frames import evenly, segments
from affectflow.records.frames import CORPUS, FRAME_INDEX, SUBJECT_ID, VIDEO_ID
from affectflow.records.shards import transformed_records

IMAGE = "image"
_IDENTITY = {
    **{name: tf.io.FixedLenFeature([], tf.string) for name in (CORPUS, SUBJECT_ID, VIDEO_ID)},
    FRAME_INDEX: tf.io.FixedLenFeature([], tf.int64),
    **{task: tf.io.FixedLenFeature([], tf.string, "") for task in TASKS},
}
_BATCH = 1024


class SampleKey(NamedTuple):
    """Where a sample comes from; ``frame_index`` is of its first frame."""

    corpus: str
    subject_id: str
    video_id: str
    frame_index: int


@dataclass(frozen=True)
class Samples:
    """M samples over N images.

    Attributes:
        images: uint8 [N, S, S, channels].
        rows: int64 [M] of a network of images, [M, T] of one of clips: positions in ``images``.
        labels: task -> int32 [M], positions in the task's classes; UNKNOWN = none of them.
        keys: of each sample.
        audio: float32 [M, D] functionals of each sample's clip; None where the network hears none.
        read: (corpus, video_id) -> records of the shards, whether samples have come of them or not.
    """

    images: np.ndarray
    rows: np.ndarray
    labels: Mapping[str, np.ndarray]
    keys: Sequence[SampleKey]
    audio: np.ndarray | None = None
    read: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def __len__(self) -> int:
        """Number of samples."""
        return len(self.keys)


def read_samples(
    files: Sequence[str | Path],
    settings: ClassifierSettings,
    subjects: Collection[str] | None = None,
    audio: Mapping[tuple[str, str], np.ndarray] | None = None,
) -> Samples:
    """The samples of some shards that have a class of at least one task.

    Args:
        files: TFRecords of tf.train.Examples as Transform writes them: ``image``, the PNG of a
            uint8 [S, S, channels] picture, what identifies the frame, and a class a task, ""
            where there is none.
        settings: size, channels, classes, clip frames, ``cache_mib``.
        subjects: samples of these alone; None = of everybody.
        audio: (corpus, video_id) -> float32 [D]; a clip that is not in it has no sound and is left
            out. None = the network hears nothing.

    Raises:
        InputError: no sample, images of another size than the settings', or more of them than
            ``cache_mib`` has room for; says what would do.
    """
    records = transformed_records(files)
    found = _identities(records)
    wanted = _wanted(found, settings, subjects)
    if audio is not None:
        clip_of = [(key.corpus, key.video_id) for key in found.keys]
        wanted = [sample for sample in wanted if clip_of[sample[0]] in audio]
    if not wanted:
        whom = "" if subjects is None else f" of subjects {', '.join(sorted(subjects))}"
        raise InputError(
            f"{files[0] if files else 'the split'} and its {len(files)} shards hold no sample{whom}"
            f" with one of the classes {settings.expressions}"
            + (" and sound" if audio is not None else "")
        )
    used, rows = np.unique(np.array(wanted), return_inverse=True)
    keys = [found.keys[sample[0]] for sample in wanted]
    rows = rows.reshape(len(wanted), -1)
    return Samples(
        images=_images(records, used, settings),
        rows=rows if settings.of_clips else rows[:, 0],
        labels={
            task: np.array([found.labels[task][sample[0]] for sample in wanted], np.int32)
            for task in settings.classes
        },
        keys=keys,
        audio=None
        if audio is None
        else np.stack([audio[key.corpus, key.video_id] for key in keys]).astype(np.float32),
        read=Counter((key.corpus, key.video_id) for key in found.keys),
    )


class _Found(NamedTuple):
    """Every record of the shards: whose frame, and task -> int32 [records]."""

    keys: list[SampleKey]
    labels: Mapping[str, np.ndarray]


def _identities(records: tf.data.Dataset) -> _Found:
    keys: list[SampleKey] = []
    names: dict[str, list[str]] = {task: [] for task in TASKS}
    parse = records.batch(_BATCH).map(lambda batch: tf.io.parse_example(batch, _IDENTITY))
    for batch in parse.as_numpy_iterator():
        texts = [map(bytes.decode, batch[name]) for name in (CORPUS, SUBJECT_ID, VIDEO_ID)]
        keys += map(SampleKey, *texts, batch[FRAME_INDEX].tolist())
        for task, values in names.items():
            values += map(bytes.decode, batch[task])
    return _Found(keys, {task: np.array(values, object) for task, values in names.items()})


def _wanted(
    found: _Found, settings: ClassifierSettings, subjects: Collection[str] | None
) -> list[list[int]]:
    """Records of each sample, in order; turns the names in ``found.labels`` into positions."""
    for task, names in settings.classes.items():
        position = {name: i for i, name in enumerate(names)}
        found.labels[task][:] = [position.get(name, UNKNOWN) for name in found.labels[task]]
    known = np.any([found.labels[task] != UNKNOWN for task in settings.classes], axis=0)
    chosen = [
        i
        for i, key in enumerate(found.keys)
        if known[i] and (subjects is None or key.subject_id in subjects)
    ]
    # Shards come in any order of frames: one by (corpus, video, frame) makes a set the same set.
    chosen.sort(key=lambda i: (found.keys[i].corpus, found.keys[i].video_id, found.keys[i][3]))
    if not settings.of_clips:
        return [[i] for i in chosen]
    clips: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i in chosen:
        clips[found.keys[i].corpus, found.keys[i].video_id].append(i)
    return [
        [clip[at] for at in segment]
        for clip in clips.values()
        for segment in _segments(len(clip), settings)
    ]


def _segments(length: int, settings: ClassifierSettings) -> list[np.ndarray]:
    """Which frames of a clip of ``length`` make a sample, for each sample of it."""
    if settings.network == "conv3d_lstm":
        return segments(length, settings.clip_frames)
    return [evenly(length, settings.clip_frames)]


def _images(records: tf.data.Dataset, used: np.ndarray, settings: ClassifierSettings) -> np.ndarray:
    """The pictures of some records (sorted): uint8 [len(used), S, S, channels]."""
    shape = (settings.image_size, settings.image_size, settings.channels)
    mib = -(-len(used) * int(np.prod(shape)) // 2**20)
    if mib > settings.cache_mib:
        raise InputError(
            f"{len(used)} images of {shape[0]}x{shape[1]}x{shape[2]} take {mib} MiB, and"
            f" classifier.cache_mib is {settings.cache_mib}; as much, a smaller image or fewer"
            " clip_frames would do"
        )
    spec = {IMAGE: tf.io.FixedLenFeature([], tf.string)}

    def decode(record: tf.Tensor) -> tf.Tensor:
        png = tf.io.parse_single_example(record, spec)[IMAGE]
        return tf.io.decode_png(png, channels=settings.channels)

    flags = np.zeros(used[-1] + 1, bool)
    flags[used] = True
    # The dataset of flags is as long as the last record that is used.
    kept = tf.data.Dataset.zip(records, tf.data.Dataset.from_tensor_slices(flags))
    kept = kept.filter(lambda _, flag: flag).map(lambda record, _: decode(record))
    images = np.empty((len(used), *shape), np.uint8)
    for i, image in enumerate(kept.as_numpy_iterator()):
        if image.shape != shape:
            raise InputError(
                f"image_size is {shape[0]}, but the images are {image.shape[0]}x{image.shape[1]};"
                " set image_size to what the frames were transformed to"
            )
        images[i] = image
    return images
