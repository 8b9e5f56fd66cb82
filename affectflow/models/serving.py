"""The served models: encoded face crops → features → valence and arousal over a sequence.

Training, feature extraction and serving all run the graph that tensorflow-transform saved; nothing
of the preprocessing is written a second time.
"""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from affectflow.images.ops import unit_range
from affectflow.models.cnn import feature_model, head_model
from affectflow.models.rnn import sequence_model


class FrameServing(tf.Module):
    """Encoded crops to features, by the transform graph and the CNN.

    Args:
        cnn: a trained frame model.
        transform_graph: folder of a TFX TransformGraph artifact.
    """

    def __init__(self, cnn: keras.Model, transform_graph: str | Path):
        super().__init__(name="frame_serving")
        # Importing tensorflow_transform takes seconds and sets TF_USE_LEGACY_KERAS.
        import tensorflow_transform as tft

        self._transform = tft.TFTransformOutput(str(transform_graph)).transform_features_layer()
        self._features = feature_model(cnn)
        self._head = head_model(cnn)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="face")])
    def features(self, face: tf.Tensor) -> tf.Tensor:
        """Features of encoded crops: string [B] → float32 [B, 300]."""
        encoded = self._transform({"face": face[:, tf.newaxis]})["image"]
        size = self._features.input_shape[1]
        images = tf.map_fn(
            lambda png: tf.ensure_shape(tf.io.decode_png(png, channels=1), (size, size, 1)),
            tf.reshape(encoded, [-1]),
            fn_output_signature=tf.TensorSpec((size, size, 1), tf.uint8),
        )
        return self._features(unit_range(images), training=False)

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.float32, name="features")])
    def head(self, features: tf.Tensor) -> tf.Tensor:
        """The CNN's own outputs: float32 [B, 300] → float32 [B, outputs]."""
        return self._head(features, training=False)


class SequenceServing(tf.Module):
    """Features of a gap-free run to an output for every step.

    Args:
        rnn: a trained sequence model.
        label: what its windows were labelled by, ``next`` or ``last``.
    """

    def __init__(self, rnn: keras.Model, label: str):
        super().__init__(name="sequence_serving")
        self._sequence = sequence_model(rnn)
        self._next = label == "next"

    @tf.function(input_signature=[tf.TensorSpec([None, None, None], tf.float32, name="features")])
    def outputs(self, features: tf.Tensor) -> tf.Tensor:
        """float32 [B, T, 300] → float32 [B, T, outputs]: row t belongs to frame t.

        A model of the next frame says at step t what frame t + 1 is, so its outputs move one on;
        the first frame, which no step foretells, takes the first step's.
        """
        outputs = self._sequence(features, training=False)
        if self._next:
            outputs = tf.concat([outputs[:, :1], outputs[:, :-1]], axis=1)
        return outputs


class Served(tf.Module):
    """Both stages in one module, as it is exported."""

    def __init__(self, frame: FrameServing, sequence: SequenceServing, labels: tuple[str, ...]):
        super().__init__(name="affectflow")
        self.frame = frame
        self.sequence = sequence
        self._labels = labels

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

    @tf.function(input_signature=[tf.TensorSpec([None, None, None], tf.float32, name="features")])
    def serve_sequence(self, features: tf.Tensor) -> dict[str, tf.Tensor]:
        """Features of gap-free runs: float32 [B, T, 300] → each label float32 [B, T]."""
        outputs = self.sequence.outputs(features)
        return {name: outputs[..., column] for column, name in enumerate(self._labels)}

    def export(self, folder: str | Path) -> None:
        """Writes a SavedModel.

        Signatures: ``serving_default`` (:meth:`serve`), ``features`` (:meth:`serve_features`) and
        ``sequence`` (:meth:`serve_sequence`).
        """
        signatures = {
            "serving_default": self.serve,
            "features": self.serve_features,
            "sequence": self.serve_sequence,
        }
        tf.saved_model.save(self, str(folder), signatures=signatures)
