"""The optimisers and the learning-rate schedule of the settings."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from affectflow.models.settings import FitSettings
from affectflow.training.plateau import is_cut


@keras.saving.register_keras_serializable("affectflow")
class InverseTimeDecay(keras.optimizers.schedules.LearningRateSchedule):
    """lr(step) = learning_rate / (1 + decay · step), changed at every step.

    What Keras 2 called ``decay`` and paper 0 calls its weight decay of 1e-5.
    """

    def __init__(self, learning_rate: float, decay: float):
        self.learning_rate = learning_rate
        self.decay = decay

    def __call__(self, step: Any) -> Any:
        """Scalar float32 tensor for a step counted from 0."""
        return self.learning_rate / (1.0 + self.decay * ops.cast(step, "float32"))

    def get_config(self) -> dict[str, Any]:
        """What ``from_config`` builds it from."""
        return {"learning_rate": self.learning_rate, "decay": self.decay}


def optimizer_for(settings: FitSettings) -> keras.optimizers.Optimizer:
    """The optimiser of the settings; at float16 its loss is scaled so that gradients survive."""
    rate: Any = settings.learning_rate
    # A schedule cannot be told another rate between epochs.
    if not is_cut(settings):
        rate = InverseTimeDecay(settings.learning_rate, settings.decay)
    optimizer: keras.optimizers.Optimizer
    if settings.optimizer == "adam":
        optimizer = keras.optimizers.Adam(rate, beta_1=settings.momentum)
    else:
        optimizer = keras.optimizers.SGD(rate, momentum=settings.momentum, nesterov=False)
    if settings.mixed_precision == "float16":
        return keras.optimizers.LossScaleOptimizer(optimizer)
    return optimizer
