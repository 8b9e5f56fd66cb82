"""Builds the network of a classifier."""

from __future__ import annotations

import keras

from affectflow.models.audio_projection import AudioProjection
from affectflow.models.audio_video import audio_video_features
from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.cnn import HEAD, cnn_features
from affectflow.models.conv3d_lstm import conv3d_lstm_features
from affectflow.models.deep_cnn import deep_cnn_features
from affectflow.models.layer_seeds import layer_seeds
from affectflow.models.parts import softmax_heads
from affectflow.models.xla import without_xla


def build_classifier(
    settings: ClassifierSettings,
    image_mean: float | None = None,
    image_variance: float | None = None,
    audio: AudioProjection | None = None,
) -> keras.Model:
    """The network that ``settings.network`` names, with a softmax a task.

    Args:
        settings: shape, classes, precision, and the seed of the initial weights: equal seeds give
            equal weights.
        image_mean, image_variance: of the pixels of the training set, in [0, 1]; of ``cnn`` alone,
            see :func:`affectflow.models.cnn.build_cnn`.
        audio: of ``audio_video`` alone.

    Returns:
        Inputs, S being image_size: ``image`` float32 [B, S, S, channels] in [0, 1]; or ``clip``
        float32 [B, clip_frames, S, S, channels] in [0, 1]; of ``audio_video`` a dict of ``clip``
        and ``audio`` float32 [B, D]. Output: task -> probabilities float32 [B, C], for the tasks of
        ``settings.classes``.

    Raises:
        ValueError: ``audio_video`` without ``audio``.
    """
    seeds = layer_seeds(settings.seed)
    size, channels = settings.image_size, settings.channels
    if settings.of_clips:
        shape = (settings.clip_frames, size, size, channels)
        inputs = clip = keras.Input(shape, name="clip", dtype="float32")
        if settings.network == "conv3d_lstm":
            x = conv3d_lstm_features(clip, settings, seeds)
        else:
            if audio is None:
                raise ValueError("audio_video needs the projection of its audio features")
            sound = keras.Input((len(audio.mean),), name="audio", dtype="float32")
            inputs = {"clip": clip, "audio": sound}
            x = audio_video_features(clip, sound, audio, settings, seeds)
    else:
        inputs = image = keras.Input((size, size, channels), name="image", dtype="float32")
        if settings.network == "deep_cnn":
            x = deep_cnn_features(image, settings, seeds)
        else:
            x = cnn_features(
                image, settings, image_mean, image_variance, settings.width, settings.l2
            )
            seeds = layer_seeds(settings.seed, first=HEAD)
    heads = softmax_heads(x, settings, seeds)
    return without_xla(keras.Model(inputs, heads, name=settings.network))
