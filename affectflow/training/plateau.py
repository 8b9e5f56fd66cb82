"""Cuts the learning rate while epochs do not get better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeGuard

from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.settings import FitSettings


def cuts(losses: Sequence[float], patience: int) -> int:
    """How often the rate has been cut after some epochs.

    It is cut when ``patience`` epochs in a row were no better than the best so far, and again after
    as many more (paper 2, Sec. III, "Reduce on Plateau"; Keras' ReduceLROnPlateau without
    cooldown). A function of the losses alone, so that a training that goes on after a kill cuts
    when the unbroken one would have.

    Args:
        losses: what each epoch so far was judged by; smaller is better.
        patience: epochs; 0 = never.
    """
    best, waited, found = float("inf"), 0, 0
    for loss in losses:
        waited = 0 if loss < best else waited + 1
        best = min(best, loss)
        if patience and waited == patience:
            found, waited = found + 1, 0
    return found


def is_cut(settings: FitSettings) -> TypeGuard[ClassifierSettings]:
    """Whether the settings cut the rate at all; if not, it follows the optimiser's schedule."""
    return isinstance(settings, ClassifierSettings) and settings.plateau_patience > 0


def next_rate(settings: ClassifierSettings, losses: Sequence[float]) -> float:
    """The learning rate of the next epoch; 0 when it is below the one at which training ends."""
    cut = cuts(losses, settings.plateau_patience)
    rate = settings.learning_rate * settings.plateau_factor**cut
    return 0.0 if rate < settings.min_learning_rate else rate
