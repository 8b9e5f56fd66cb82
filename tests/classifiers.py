"""Small classifiers of each network, and inputs for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from affectflow.models.audio_projection import AudioProjection
from affectflow.models.classifier_settings import NETWORKS, ClassifierSettings

FEATURES, PROJECTED, FRAMES = 10, 3, 8

__all__ = ["FEATURES", "FRAMES", "NETWORKS", "PROJECTED", "inputs", "projection", "small"]


def small(network: str, **changes: Any) -> ClassifierSettings:
    """Settings that train in seconds."""
    size = 32 if network == "cnn" else 16
    fields = {"image_size": size, "width": 0.25, "clip_frames": FRAMES, "dropout": 0.0, "seed": 1}
    return ClassifierSettings(network=network, **{**fields, **changes})


def projection(seed: int = 0) -> AudioProjection:
    rng = np.random.default_rng(seed)
    mean, scale = rng.normal(0, 1000, FEATURES), rng.uniform(1, 100, FEATURES)
    return AudioProjection(mean, scale, rng.normal(size=(FEATURES, PROJECTED)))


def inputs(settings: ClassifierSettings, number: int, seed: int = 0) -> Any:
    """Noise of the shapes that the network takes: float32 in [0, 1], features of sound as such."""
    rng = np.random.default_rng(seed)
    shape = (number, settings.image_size, settings.image_size, settings.channels)
    if not settings.of_clips:
        return rng.random(shape, np.float32)
    clip = rng.random((number, settings.clip_frames, *shape[1:]), np.float32)
    if settings.network != "audio_video":
        return clip
    of = projection()
    audio = of.mean + of.scale * rng.normal(size=(number, FEATURES))
    return {"clip": clip, "audio": audio.astype(np.float32)}
