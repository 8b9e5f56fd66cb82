"""Paper 0's frame model: a grey face image to 300 features to valence and arousal."""

from __future__ import annotations

from typing import Any

import keras

from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.layer_seeds import layer_seed
from affectflow.models.parts import kernel_l2, scaled
from affectflow.models.settings import CnnSettings
from affectflow.models.xla import without_xla

FEATURES = 300
HEAD = 5
"""The head's number among the layers that have weights, by which it is seeded."""


def build_cnn(
    settings: CnnSettings,
    image_mean: float | None = None,
    image_variance: float | None = None,
) -> keras.Model:
    """The CNN of Rangulov & Fahim 2020, 1 333 706 parameters at 96×96 with two outputs.

    BatchNorm → Conv 64 5×5 same → MaxPool 2 → Conv 128 5×5 valid → MaxPool 2 → Conv 256 5×5 valid
    → average over each quadrant → Dense 300, linear → Dropout → Dense, linear. Convolutions are
    ReLU without bias. At other sizes than 96 the quadrants shrink, the parameters stay.

    Args:
        settings: shape, dropout, outputs, precision, and the seed of the initial weights: equal
            seeds give equal weights.
        image_mean, image_variance: of the pixels of the training set, in [0, 1]. They start the
            batch norm's moving statistics, which at momentum .99 need hundreds of steps to arrive:
            until then the model that is validated is not the one that trains.

    Returns:
        Input ``image``: float32 [B, image_size, image_size, 1] in [0, 1], unnormalised.
        Output: float32 [B, outputs]. Layer ``features`` gives [B, 300]; layer ``head`` is last.
    """
    size = settings.image_size
    image = keras.Input((size, size, 1), name="image", dtype="float32")
    x = cnn_features(image, settings, image_mean, image_variance)
    # The output stays float32 under mixed precision: a CCC of half-precision values is noise.
    output = keras.layers.Dense(
        len(settings.label_names),
        kernel_initializer=_glorot(settings.seed, HEAD),
        dtype="float32",
        name="head",
    )(x)
    return without_xla(keras.Model(image, output, name="cnn"))


def cnn_features(
    image: Any,
    settings: CnnSettings | ClassifierSettings,
    image_mean: float | None = None,
    image_variance: float | None = None,
    width: float = 1.0,
    l2: float = 0.0,
) -> Any:
    """The CNN without its head: from the batch norm to the dropout.

    Args:
        image: float32 [B, image_size, image_size, channels] in [0, 1].
        settings: size, dropout, momentum, precision and seed.
        image_mean, image_variance: as in :func:`build_cnn`; every channel starts from the same.
        width: filters and features, as a share of the paper's.
        l2: penalty on the kernels of the convolutions.

    Returns:
        [B, 300 · width], after dropout. Layer ``features`` gives them before it.
    """
    policy = settings.dtype_policy

    def conv(filters: int, padding: str, number: int) -> keras.layers.Layer:
        return keras.layers.Conv2D(
            scaled(filters, width),
            5,
            padding=padding,
            activation="relu",
            use_bias=False,
            kernel_initializer=_glorot(settings.seed, number),
            kernel_regularizer=kernel_l2(l2),
            dtype=policy,
            name=f"conv_{number}",
        )

    def pool(number: int) -> keras.layers.Layer:
        return keras.layers.MaxPooling2D(2, dtype=policy, name=f"pool_{number}")

    x = keras.layers.BatchNormalization(
        momentum=settings.norm_momentum,
        moving_mean_initializer=keras.initializers.Constant(image_mean or 0.0),
        moving_variance_initializer=keras.initializers.Constant(
            1.0 if image_variance is None else image_variance
        ),
        dtype=policy,
        name="norm",
    )(image)
    x = pool(1)(conv(64, "same", 1)(x))
    x = pool(2)(conv(128, "valid", 2)(x))
    x = conv(256, "valid", 3)(x)
    quadrant = int(x.shape[1]) // 2
    x = keras.layers.AveragePooling2D(quadrant, dtype=policy, name="quadrants")(x)
    x = keras.layers.Flatten(dtype=policy, name="flat")(x)
    x = keras.layers.Dense(
        scaled(FEATURES, width),
        kernel_initializer=_glorot(settings.seed, 4),
        dtype=policy,
        name="features",
    )(x)
    dropout = keras.layers.Dropout(
        settings.dropout, seed=settings.seed, dtype=policy, name="dropout"
    )
    return dropout(x)


def feature_model(cnn: keras.Model) -> keras.Model:
    """The part of a CNN from image to features, sharing its weights.

    Returns:
        float32 [B, image_size, image_size, 1] in [0, 1] -> float32 [B, 300], before dropout.
    """
    features = cnn.get_layer("features").output
    if features.dtype != "float32":
        features = keras.layers.Activation("linear", dtype="float32", name="float32")(features)
    return without_xla(keras.Model(cnn.input, features, name="cnn_features"))


def head_model(cnn: keras.Model) -> keras.Model:
    """The part of a CNN from features to outputs, sharing its weights.

    Returns:
        float32 [B, 300] -> float32 [B, outputs].
    """
    features = keras.Input((FEATURES,), name="features", dtype="float32")
    return without_xla(keras.Model(features, cnn.get_layer("head")(features), name="cnn_head"))


def _glorot(seed: int, number: int) -> keras.initializers.Initializer:
    return keras.initializers.GlorotUniform(seed=layer_seed(seed, number))
