"""Paper 3's network of two streams: the frames of a clip, and features of its sound."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from affectflow.models.audio_projection import AudioProjection
from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.parts import scaled
from affectflow.models.recurrent import lstm
from affectflow.models.resnet20 import resnet20_features

UNITS = 64
"""Of every LSTM and dense layer: as many as the ResNet has filters at last."""
LAYERS = 3


def audio_video_features(
    clip: Any,
    audio: Any,
    projection: AudioProjection,
    settings: ClassifierSettings,
    seeds: Iterator[int],
) -> Any:
    """ResNet-20 → 3 LSTMs, beside projection → 3 dense layers; joined, 3 dense layers more.

    From the paper (section 3): the ResNet without softmax, dense layer and average pooling; three
    LSTMs; an LDA and three dense layers for the sound; ReLU and a dropout of .5 after every dense
    layer ("every relu layer", which cannot mean the pretrained ResNet's).

    What it reports cannot be repeated, nor would one want to: the network did not learn at all.

    - Its learning rates, 1e-8 to 1e-6, move nothing in 20 epochs.
    - Its LDA of seven classes is said to give 512 dimensions; it gives six at most, as the scatter
      between seven means has rank six.

    Ours, where it is silent or would not work:

    - 64 units everywhere.
    - No dropout in the three layers of sound: halving six dimensions three times, and the joined
      ones three times more, leaves nothing to learn from (measured on rendered voices: after 20
      epochs .16 to .26 of seven classes with, .95 without).
    - The ResNet is not pretrained, as CIFAR's weights of 2017 are not to be had, and is trained
      with the rest.
    - Its average pooling is kept. Without it each frame is a map of 8×8×64, so the first LSTM
      alone would have four times the weights of the ResNet, and their number would hang on the
      size of the images.

    Args:
        clip: float32 [B, clip_frames, image_size, image_size, channels] in [0, 1].
        audio: float32 [B, D].
        projection: of D features; constants of the model.
        settings: ``width`` scales filters and units.
        seeds: of the layers to come.

    Returns:
        [B, 64 · width], after dropout.
    """
    units = scaled(UNITS, settings.width)

    def dense(x: Any, name: str, dropout: float) -> Any:
        for number in range(1, LAYERS + 1):
            x = keras.layers.Dense(
                units,
                activation="relu",
                kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
                dtype=settings.dtype_policy,
                name=f"{name}_{number}",
            )(x)
            x = keras.layers.Dropout(
                dropout,
                seed=next(seeds),
                dtype=settings.dtype_policy,
                name=f"{name}_dropout_{number}",
            )(x)
        return x

    # All frames go through the ResNet as one batch: TimeDistributed takes them one by one.
    seen = resnet20_features(ops.reshape(clip, (-1, *clip.shape[2:])), settings, seeds)
    seen = keras.layers.GlobalAveragePooling2D(dtype=settings.dtype_policy, name="pool")(seen)
    seen = ops.reshape(seen, (-1, settings.clip_frames, seen.shape[-1]))
    for number in range(1, LAYERS + 1):
        seen = lstm(units, seeds, f"lstm_{number}", return_sequences=number < LAYERS)(seen)
    heard = dense(_projected(audio, projection), "audio", 0.0)
    joined = keras.layers.Concatenate(dtype=settings.dtype_policy, name="joined")([seen, heard])
    return dense(joined, "features", settings.dropout)


def _projected(audio: Any, projection: AudioProjection) -> Any:
    """float32 [B, D] -> float32 [B, K], by weights that training leaves alone."""
    # Scaled before it is multiplied: features of sound are large, and their differences small.
    scaled_audio = keras.layers.Normalization(
        mean=projection.mean.astype(np.float32),
        variance=np.square(projection.scale).astype(np.float32),
        dtype="float32",
        name="audio_scale",
    )(audio)
    matrix = keras.layers.Dense(
        projection.matrix.shape[1],
        use_bias=False,
        trainable=False,
        dtype="float32",
        name="audio_projection",
    )
    projected = matrix(scaled_audio)
    matrix.set_weights([projection.matrix])
    return projected
