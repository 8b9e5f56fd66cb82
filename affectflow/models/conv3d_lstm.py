"""Paper 4's clip network: 3D convolutions over the frames of a clip, then an LSTM."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.parts import kernel_l2, scaled
from affectflow.models.recurrent import lstm

FILTERS = (16, 32, 64)
LSTM_UNITS, DENSE_UNITS = 64, 32
SPATIAL_DROPOUT = 0.2


def conv3d_lstm_features(clip: Any, settings: ClassifierSettings, seeds: Iterator[int]) -> Any:
    """One to three blocks of 3D convolution → LSTM 64 → dropout → dense 32, leaky ReLU.

    Section III.C of the paper gives the order of the layers, the input of 75×28×28×3, the L2 of the
    kernels, the leaky ReLU, the units of the LSTM and of the dense layer, and one block, two or
    three in its networks of 5, 6 and 7 layers. It gives no filters, kernels, strides or rates of
    dropout. Ours are: 16, 32 and 64 filters, as small faces of a small corpus ask for no more;
    kernels of 3×3×3; a max-pool by two in space after each block, where time is left whole for the
    LSTM; whole maps dropped at a rate of .2; the dropout after the LSTM, where cuDNN still runs it.

    Args:
        clip: float32 [B, clip_frames, image_size, image_size, channels] in [0, 1].
        settings: ``layers`` less 4 is the number of blocks; ``width`` scales filters and units;
            ``dropout`` is the LSTM's.
        seeds: of the layers to come.

    Returns:
        [B, 32 · width].
    """
    policy = settings.dtype_policy
    x = clip
    for number, filters in enumerate(FILTERS[: settings.layers - 4], start=1):
        x = keras.layers.Conv3D(
            scaled(filters, settings.width),
            3,
            padding="same",
            kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
            kernel_regularizer=kernel_l2(settings.l2),
            dtype=policy,
            name=f"conv_{number}",
        )(x)
        x = keras.layers.LeakyReLU(dtype=policy, name=f"leaky_{number}")(x)
        x = keras.layers.BatchNormalization(
            momentum=settings.norm_momentum, dtype=policy, name=f"norm_{number}"
        )(x)
        x = keras.layers.SpatialDropout3D(
            SPATIAL_DROPOUT, seed=next(seeds), dtype=policy, name=f"spatial_dropout_{number}"
        )(x)
        x = keras.layers.MaxPooling3D((1, 2, 2), dtype=policy, name=f"pool_{number}")(x)
    x = keras.layers.Reshape((settings.clip_frames, -1), dtype=policy, name="frames")(x)
    x = lstm(scaled(LSTM_UNITS, settings.width), seeds, name="lstm")(x)
    x = keras.layers.Dropout(settings.dropout, seed=next(seeds), dtype=policy, name="dropout")(x)
    x = keras.layers.Dense(
        scaled(DENSE_UNITS, settings.width),
        kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
        dtype=policy,
        name="features",
    )(x)
    return keras.layers.LeakyReLU(dtype=policy, name="leaky_features")(x)
