"""Where a model trains: one device, or a copy on every GPU."""

from __future__ import annotations

import tensorflow as tf

from affectflow.models.settings import FitSettings


def strategy_for(settings: FitSettings) -> tf.distribute.Strategy:
    """The strategy that ``settings.devices`` names; build the model inside its ``scope()``.

    ``all`` mirrors the model over every GPU and splits each batch between them; a machine with one
    GPU or none trains on what it has.
    """
    gpus = tf.config.list_logical_devices("GPU")
    if settings.devices == "all" and len(gpus) > 1:
        return tf.distribute.MirroredStrategy([device.name for device in gpus])
    return tf.distribute.get_strategy()
