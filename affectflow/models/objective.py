"""What a training minimises, and by what its epochs are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from affectflow.corpora.classes import EXPRESSION
from affectflow.models.class_losses import KnownAccuracy, KnownCrossentropy, PooledCrossentropy
from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.losses import loss_for, metrics_for
from affectflow.models.settings import FitSettings, TrainSettings


@dataclass(frozen=True)
class Objective:
    """Arguments of ``Model.compile``, and which logged value tells how good an epoch is.

    Attributes:
        loss, metrics, loss_weights: as Keras takes them.
        judges: the logs whose mean is compared.
        gains: whether more of them is better.
    """

    loss: Any
    metrics: Any
    judges: tuple[str, ...]
    gains: bool
    loss_weights: Any = None

    def validation_loss(self, logs: Mapping[str, float]) -> float:
        """One number that is the smaller the better the epoch."""
        mean = sum(logs[name] for name in self.judges) / len(self.judges)
        return 1.0 - mean if self.gains else mean


def objective_for(settings: FitSettings) -> Objective:
    """What the settings ask for.

    The CCC is judged over the whole validation set: a mean of batch CCCs says little, as
    validation runs in order.

    Raises:
        TypeError: no model of ours has such settings.
    """
    if isinstance(settings, ClassifierSettings):
        return _of_classes(settings)
    if not isinstance(settings, TrainSettings):
        raise TypeError(f"{type(settings).__name__} says nothing of a loss")
    if settings.loss == "ccc":
        judges = tuple(f"val_ccc_{name}" for name in settings.label_names)
        return Objective(loss_for(settings), metrics_for(settings), judges, gains=True)
    return Objective(loss_for(settings), metrics_for(settings), ("val_loss",), gains=False)


def _of_classes(settings: ClassifierSettings) -> Objective:
    tasks = settings.classes
    gains = settings.judge == "accuracy"
    # Keras puts the output's name before a metric's, and leaves it out where there is one output.
    of_task = f"{EXPRESSION}_" if len(tasks) > 1 else ""
    # Not val_loss, which holds the penalties on the weights too.
    judge = f"val_{of_task}accuracy" if gains else f"val_{of_task}crossentropy"
    losses: dict[str, keras.losses.Loss] = {task: KnownCrossentropy() for task in tasks}
    return Objective(
        losses,
        {task: [KnownAccuracy(), PooledCrossentropy()] for task in tasks},
        (judge,),
        gains,
        settings.loss_weights,
    )
