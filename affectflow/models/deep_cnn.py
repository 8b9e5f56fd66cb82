"""Paper 2's image network: six convolutions in three blocks, then a dense layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.parts import kernel_l2, scaled

BLOCKS = ((64, 5), (128, 3), (256, 3))
"""Filters and side of the kernels of each block's two convolutions."""
UNITS = 128
DROPOUTS = (0.6, 0.5, 0.4, 0.4)
"""After each block and after the dense layer: falling, where the notebook's rose (section 3)."""


def deep_cnn_features(image: Any, settings: ClassifierSettings, seeds: Iterator[int]) -> Any:
    """Twice (conv → ELU → batch norm), max-pool 2 and dropout, three times; then dense 128.

    The paper's drawing of its network is lost with its appendix. Its section 3 calls it "strongly
    built upon" a public notebook (its reference [6]) but for the dropouts. The layers are those of
    the notebooks of that family, all "same" convolutions with He's initial weights; the dropouts
    are the paper's. At 48×48×1 and seven classes: 2 395 591 parameters with the head.

    Args:
        image: float32 [B, image_size, image_size, channels] in [0, 1].
        settings: ``width`` scales filters and units. ``dropout`` is not heeded: the four rates are
            the paper's.
        seeds: of the layers to come.

    Returns:
        [B, 128 · width], after dropout.
    """
    policy = settings.dtype_policy

    def he() -> keras.initializers.Initializer:
        return keras.initializers.HeNormal(seed=next(seeds))

    def norm(name: str) -> keras.layers.Layer:
        return keras.layers.BatchNormalization(
            momentum=settings.norm_momentum, dtype=policy, name=name
        )

    def dropout(number: int) -> keras.layers.Layer:
        return keras.layers.Dropout(
            DROPOUTS[number - 1], seed=next(seeds), dtype=policy, name=f"dropout_{number}"
        )

    x = image
    for block, (filters, side) in enumerate(BLOCKS, start=1):
        for number in (2 * block - 1, 2 * block):
            x = keras.layers.Conv2D(
                scaled(filters, settings.width),
                side,
                padding="same",
                activation="elu",
                kernel_initializer=he(),
                kernel_regularizer=kernel_l2(settings.l2),
                dtype=policy,
                name=f"conv_{number}",
            )(x)
            x = norm(f"norm_{number}")(x)
        x = keras.layers.MaxPooling2D(2, dtype=policy, name=f"pool_{block}")(x)
        x = dropout(block)(x)
    x = keras.layers.Flatten(dtype=policy, name="flat")(x)
    x = keras.layers.Dense(
        scaled(UNITS, settings.width),
        activation="elu",
        kernel_initializer=he(),
        dtype=policy,
        name="features",
    )(x)
    return dropout(len(DROPOUTS))(norm("norm_features")(x))
