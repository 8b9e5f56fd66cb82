"""Cross-entropy and accuracy of class labels of which some are not known."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

UNKNOWN = -1
"""A label that says nothing: its example counts for the other tasks alone."""


@keras.saving.register_keras_serializable("affectflow")
class KnownCrossentropy(keras.losses.Loss):
    """Mean cross-entropy, in nats, over the labels of a batch that are known; 0 where none is."""

    def __init__(self, name: str = "crossentropy"):
        super().__init__(name=name, reduction=None, dtype="float32")

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Positions of classes int [B] or [B, 1], and probabilities [B, C] -> scalar float32."""
        total, known = _known_crossentropy(y_true, y_pred)
        return total / ops.maximum(known, 1.0)

    def get_config(self) -> dict[str, Any]:
        """What ``from_config`` builds it from; reduction and dtype are fixed."""
        return {"name": self.name}


@keras.saving.register_keras_serializable("affectflow")
class PooledCrossentropy(keras.metrics.Metric):
    """Mean cross-entropy, in nats, over the known labels since the last reset; 0 before any.

    Unlike the logged loss it holds no penalties on weights, and batches with few known labels
    count for as much as they have.
    """

    def __init__(self, name: str = "crossentropy", dtype: str | None = "float32"):
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "zeros", name="total")
        self.known = self.add_variable((), "zeros", name="known")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Takes in a batch, as KnownCrossentropy.call; weights are not heeded."""
        total, known = _known_crossentropy(y_true, y_pred)
        self.total.assign(self.total + total)
        self.known.assign(self.known + known)

    def result(self) -> Any:
        """Scalar float32."""
        return self.total / ops.maximum(self.known, 1.0)


@keras.saving.register_keras_serializable("affectflow")
class KnownAccuracy(keras.metrics.Metric):
    """Share of the known labels whose class has the highest probability; 0 before there is any."""

    def __init__(self, name: str = "accuracy", dtype: str | None = "float32"):
        super().__init__(name=name, dtype=dtype)
        self.right = self.add_variable((), "zeros", name="right")
        self.known = self.add_variable((), "zeros", name="known")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Takes in a batch, as KnownCrossentropy.call; weights are not heeded."""
        labels = ops.cast(ops.reshape(y_true, [-1]), "int32")
        known = labels != UNKNOWN
        right = ops.logical_and(known, ops.cast(ops.argmax(y_pred, axis=-1), "int32") == labels)
        self.right.assign(self.right + ops.sum(ops.cast(right, "float32")))
        self.known.assign(self.known + ops.sum(ops.cast(known, "float32")))

    def result(self) -> Any:
        """Scalar float32."""
        return self.right / ops.maximum(self.known, 1.0)


def _known_crossentropy(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """(sum of the known labels' cross-entropies in nats, number of known labels), float32."""
    labels = ops.cast(ops.reshape(y_true, [-1]), "int32")
    known = ops.cast(labels != UNKNOWN, "float32")
    losses = keras.losses.sparse_categorical_crossentropy(ops.maximum(labels, 0), y_pred)
    return ops.sum(known * losses), ops.sum(known)
