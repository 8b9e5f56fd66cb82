"""The served classifier: encoded face crops to the probabilities of classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import tensorflow as tf

from affectflow.images.ops import unit_range
from affectflow.models.classifier_settings import ClassifierSettings


class ServedClassifier(tf.Module):
    """A trained classifier as it is exported.

    Args:
        model: of ``build_classifier``.
        images: string [B] → uint8 [B, h, w, channels], such as ``TransformedImages``.
        settings: those of the model.

    Attributes:
        serve: the exported function. Of networks of images: ``face`` string [B] → task → float32
            [B, C]. Of networks of clips: ``face`` string [T], all frames of one clip in order, and
            for ``audio_video`` also ``audio`` float32 [D] → task → float32 [C].
    """

    def __init__(
        self,
        model: keras.Model,
        images: Callable[[tf.Tensor], tf.Tensor],
        settings: ClassifierSettings,
    ):
        super().__init__(name="affectflow_classifier")
        self._model = model
        self._images = images
        self._tasks = tuple(settings.classes)
        self._frames = settings.clip_frames
        self._positions = evenly if settings.network == "audio_video" else from_start
        self._size = (settings.image_size, settings.image_size, settings.channels)
        face = tf.TensorSpec([None], tf.string, name="face")
        if settings.network == "audio_video":
            features = model.input["audio"].shape[-1]
            audio = tf.TensorSpec([features], tf.float32, name="audio")
            self.serve = tf.function(self._serve_audio_video, input_signature=[face, audio])
        elif settings.of_clips:
            self.serve = tf.function(self._serve_clip, input_signature=[face])
        else:
            self.serve = tf.function(self._serve_images, input_signature=[face])

    def export(self, folder: str | Path) -> None:
        """Writes a SavedModel whose ``serving_default`` is :attr:`serve`."""
        tf.saved_model.save(self, str(folder), signatures={"serving_default": self.serve})

    def _serve_images(self, face: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._probabilities(self._decoded(face))

    def _serve_clip(self, face: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._of_one(self._probabilities(self._clip(face)))

    def _serve_audio_video(self, face: tf.Tensor, audio: tf.Tensor) -> dict[str, tf.Tensor]:
        inputs = {"clip": self._clip(face), "audio": audio[tf.newaxis]}
        return self._of_one(self._probabilities(inputs))

    def _probabilities(self, inputs: tf.Tensor | dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        found = self._model(inputs, training=False)
        return {task: found[task] for task in self._tasks}

    def _of_one(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return {task: probabilities[0] for task, probabilities in found.items()}

    def _clip(self, face: tf.Tensor) -> tf.Tensor:
        """string [T] → float32 [1, clip_frames, h, w, channels]."""
        # Each frame is decoded once, however often it is repeated.
        positions, of_frame = tf.unique(self._positions(tf.shape(face)[0], self._frames))
        images = self._decoded(tf.gather(face, positions))
        return tf.gather(images, of_frame)[tf.newaxis]

    def _decoded(self, face: tf.Tensor) -> tf.Tensor:
        """string [B] → float32 [B, h, w, channels] in [0, 1]."""
        return unit_range(tf.ensure_shape(self._images(face), (None, *self._size)))


def from_start(length: tf.Tensor, frames: int) -> tf.Tensor:
    """``clip_frames.from_start`` as ops; an InvalidArgumentError where a clip has no frames.

    Args:
        length: int32 scalar.

    Returns:
        int64 [frames].
    """
    return tf.minimum(tf.range(frames, dtype=tf.int64), _checked(length) - 1)


def evenly(length: tf.Tensor, frames: int) -> tf.Tensor:
    """``clip_frames.evenly`` as ops; arguments and result as of :func:`from_start`."""
    return tf.range(frames, dtype=tf.int64) * _checked(length) // frames


def _checked(length: tf.Tensor) -> tf.Tensor:
    message = "a clip without frames has none to pick from"
    with tf.control_dependencies([tf.debugging.assert_positive(length, message)]):
        return tf.cast(length, tf.int64)
