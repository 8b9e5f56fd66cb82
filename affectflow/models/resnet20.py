"""ResNet-20, the form for small images, without its head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.parts import kernel_l2, scaled

FILTERS = (16, 32, 64)
BLOCKS = 3
"""Residual blocks a stage: 1 + 3 · 3 · 2 convolutions and the head are the 20 layers."""
SMALL = 64
"""Up to this many pixels a side the stem keeps the size, as on the 32 of CIFAR."""


def resnet20_features(image: Any, settings: ClassifierSettings, seeds: Iterator[int]) -> Any:
    """A convolution, then stages of 16, 32 and 64 filters at strides 1, 2 and 2.

    From He et al. 2016, "Deep Residual Learning for Image Recognition", section 4.2.

    Where size or width changes the shortcut is a 1×1 convolution with a batch norm (their option
    B; on CIFAR they padded with zeros, which costs no weights and gains nothing either). At width 1
    and three channels: 273 392 parameters, 1 568 of them moving statistics.

    Images of more than 64 pixels a side come in by the stem of their ImageNet networks, a 7×7
    convolution and a max-pool, both of stride 2: frames of 256×256 would else take 16 times the
    memory and time, and a receptive field made for 32 pixels would see little of a face.

    Args:
        image: float32 [B, h, w, channels] in [0, 1].
        settings: width, l2, momentum and precision.
        seeds: of the layers to come.

    Returns:
        [B, h / 4, w / 4, 64 · width]; of large images, h / 16 and w / 16.
    """
    policy = settings.dtype_policy

    def conv_norm(x: Any, filters: int, side: int, stride: int, name: str) -> Any:
        x = keras.layers.Conv2D(
            scaled(filters, settings.width),
            side,
            strides=stride,
            padding="same",
            use_bias=False,
            kernel_initializer=keras.initializers.HeNormal(seed=next(seeds)),
            kernel_regularizer=kernel_l2(settings.l2),
            dtype=policy,
            name=f"{name}_conv",
        )(x)
        return keras.layers.BatchNormalization(
            momentum=settings.norm_momentum, dtype=policy, name=f"{name}_norm"
        )(x)

    def relu(x: Any, name: str) -> Any:
        return keras.layers.ReLU(dtype=policy, name=f"{name}_relu")(x)

    if settings.image_size <= SMALL:
        x = relu(conv_norm(image, FILTERS[0], 3, 1, "stem"), "stem")
    else:
        x = relu(conv_norm(image, FILTERS[0], 7, 2, "stem"), "stem")
        x = keras.layers.MaxPooling2D(3, 2, padding="same", dtype=policy, name="stem_pool")(x)
    for stage, filters in enumerate(FILTERS, start=1):
        for block in range(1, BLOCKS + 1):
            name = f"stage_{stage}_block_{block}"
            smaller = stage > 1 and block == 1
            y = relu(conv_norm(x, filters, 3, 2 if smaller else 1, f"{name}_1"), f"{name}_1")
            y = conv_norm(y, filters, 3, 1, f"{name}_2")
            if smaller:
                # A 1×1 convolution of stride 2 in two steps: oneDNN's gradient of the one step,
                # as in TensorFlow 2.16, breaks the heap of some processors at 8 channels.
                x = keras.layers.MaxPooling2D(1, 2, dtype=policy, name=f"{name}_every_second")(x)
                x = conv_norm(x, filters, 1, 1, f"{name}_shortcut")
            y = keras.layers.Add(dtype=policy, name=f"{name}_sum")([x, y])
            x = relu(y, name)
    return x
