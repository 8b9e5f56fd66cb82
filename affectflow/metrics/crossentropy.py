"""Cross-entropy of predicted probabilities against classes."""

from __future__ import annotations

import numpy as np

_SMALLEST = 1e-7
"""As Keras has it: a class that was thought impossible costs 16 nats, and not infinitely many."""


def crossentropy(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean of −ln p over samples, p what the model gave the sample's true class, in nats.

    Args:
        truth: int [N], positions of classes.
        probabilities: float [N, C].

    Returns:
        NaN of no sample.
    """
    given = np.asarray(probabilities, np.float64)[np.arange(len(truth)), truth]
    return float(-np.log(np.clip(given, _SMALLEST, 1.0)).mean()) if len(truth) else float("nan")
