"""What the networks of classifiers have in common: widths, penalties and heads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from affectflow.models.classifier_settings import ClassifierSettings


def scaled(number: int, width: float) -> int:
    """Filters or units as a share of the paper's: rounded, at least 1."""
    return max(1, round(number * width))


def kernel_l2(l2: float) -> keras.regularizers.Regularizer | None:
    """The penalty l2 · Σ w² on a kernel; None where there is none to compute."""
    return keras.regularizers.L2(l2) if l2 else None


def softmax_heads(
    features: Any, settings: ClassifierSettings, seeds: Iterator[int]
) -> dict[str, Any]:
    """A dense softmax a task, each in a layer of the task's name.

    Args:
        features: [B, F].
        settings: its ``classes``.
        seeds: one is taken for each task.

    Returns:
        Task -> probabilities, float32 [B, C], under mixed precision too: the cross-entropy is
        their logarithm, which half precision would cut off and make coarse.
    """
    return {
        task: keras.layers.Dense(
            len(names),
            activation="softmax",
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
            dtype="float32",
            name=task,
        )(features)
        for task, names in settings.classes.items()
    }
