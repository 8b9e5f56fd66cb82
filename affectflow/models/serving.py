"""The served models: encoded face crops → features → valence and arousal over a sequence.

Training, feature extraction and serving all run the graph that tensorflow-transform saved; nothing
of the preprocessing is written a second time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import tensorflow as tf

from affectflow.images.ops import unit_range
from affectflow.images.settings import require_grey
from affectflow.models.cnn import feature_model, head_model
from affectflow.models.sequence_serving import SequenceServing


class TransformedImages(tf.Module):
    """Encoded crops to the model's images, by tensorflow-transform's graph.

    Args:
        transform_graph: folder of a TFX TransformGraph artifact.
        channels: of the images: 1 = grey, 3 = colour. Grey images are repeated for 3.

    Raises:
        InputError: its images have colours and ``channels`` is 1.
    """

    def __init__(self, transform_graph: str | Path, channels: int = 1):
        super().__init__(name="transformed_images")
        # Importing tensorflow_transform takes seconds and sets TF_USE_LEGACY_KERAS.
        import tensorflow_transform as tft

        self._channels = channels
        self._transform = tft.TFTransformOutput(str(transform_graph)).transform_features_layer()
        if channels == 1:
            # The graph does not say what is in its PNGs, and decoding colours as grey would pass.
            sample = self.encoded(tf.io.encode_png(tf.zeros([1, 1, 3], tf.uint8))[tf.newaxis])
            require_grey(tf.io.decode_png(sample[0]).shape[-1], "the served frame model")

    def __call__(self, face: tf.Tensor) -> tf.Tensor:
        """string [B] → uint8 [B, h, w, channels]."""
        return tf.map_fn(
            lambda png: tf.io.decode_png(png, channels=self._channels),
            self.encoded(face),
            fn_output_signature=tf.TensorSpec((None, None, self._channels), tf.uint8),
        )

    def encoded(self, face: tf.Tensor) -> tf.Tensor:
        """The same as PNG, as Transform materialises them: string [B] → string [B]."""
        return tf.reshape(self._transform({"face": face[:, tf.newaxis]})["image"], [-1])


class FrameServing(tf.Module):
    """Encoded crops to features, by what makes the model's images and the CNN.

    Args:
        cnn: a trained frame model.
        images: string [B] → uint8 [B, h, w, 1], such as :class:`TransformedImages`.
    """

    def __init__(self, cnn: keras.Model, images: Callable[[tf.Tensor], tf.Tensor]):
        super().__init__(name="frame_serving")
        self._images = images
        self._features = feature_model(cnn)
        self._head = head_model(cnn)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="face")])
    def features(self, face: tf.Tensor) -> tf.Tensor:
        """Features of encoded crops: string [B] → float32 [B, 300]."""
        images = tf.ensure_shape(self._images(face), self._features.input_shape)
        return self._features(unit_range(images), training=False)

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32, name="features")])
    def head(self, features: tf.Tensor) -> tf.Tensor:
        """The CNN's own outputs: float32 [B, 300] → float32 [B, outputs]."""
        return self._head(features, training=False)


class Served(tf.Module):
    """Both stages in one module, as it is exported."""

    def __init__(self, frame: FrameServing, sequence: SequenceServing, labels: tuple[str, ...]):
        super().__init__(name="affectflow")
        self.frame = frame
        self.sequence = sequence
        self._labels = labels
        signature = sequence.stream.input_signature
        self.serve_stream = tf.function(self._serve_stream, input_signature=signature)
        self.serve_sequence = tf.function(self._serve_sequence, input_signature=signature[:1])

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="face")])
    def serve(self, face: tf.Tensor) -> dict[str, tf.Tensor]:
        """Consecutive frames of one person: string [T] → each label float32 [T]."""
        features = self.frame.features(face)
        outputs = self.sequence.outputs(features[tf.newaxis])[0]
        return {name: outputs[:, column] for column, name in enumerate(self._labels)}

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="face")])
    def serve_features(self, face: tf.Tensor) -> dict[str, tf.Tensor]:
        """Frames on their own: string [B] → ``features`` [B, 300] and the CNN's own labels [B]."""
        features = self.frame.features(face)
        outputs = self.frame.head(features)
        labels = {name: outputs[:, column] for column, name in enumerate(self._labels)}
        return {"features": features, **labels}

    def _serve_sequence(self, features: tf.Tensor) -> dict[str, tf.Tensor]:
        """Features of gap-free runs: float32 [B, T, 300] → each label float32 [B, T]."""
        outputs = self.sequence.outputs(features)
        return {name: outputs[..., column] for column, name in enumerate(self._labels)}

    def _serve_stream(self, features: tf.Tensor, state: tf.Tensor) -> dict[str, tf.Tensor]:
        """The next frames of runs: [B, T, 300] and [B, S] → each label [B, T], ``state`` [B, S]."""
        outputs, state = self.sequence.stream(features, state)
        labels = {name: outputs[..., column] for column, name in enumerate(self._labels)}
        return {"state": state, **labels}

    def export(self, folder: str | Path) -> None:
        """Writes a SavedModel.

        Signatures: ``serving_default`` (:meth:`serve`), ``features`` (:meth:`serve_features`),
        ``sequence`` (:meth:`_serve_sequence`) and ``stream`` (:meth:`_serve_stream`).
        """
        signatures = {
            "serving_default": self.serve,
            "features": self.serve_features,
            "sequence": self.serve_sequence,
            "stream": self.serve_stream,
        }
        tf.saved_model.save(self, str(folder), signatures=signatures)
