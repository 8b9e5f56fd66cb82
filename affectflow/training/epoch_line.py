"""What is noted of an epoch that is over: one line, for a log."""

from __future__ import annotations

import math
from collections.abc import Mapping

from affectflow.progress import time_left


def epoch_line(
    name: str,
    epoch: int,
    epochs: int,
    logs: Mapping[str, float],
    best: tuple[float, int],
    examples: int,
    seconds: float,
) -> str:
    """``cnn epoch 3 of 30: loss 0.41, validation 0.39, best 0.37 in epoch 2, …``.

    Args:
        name: of the model.
        epoch, epochs: which, 0-based, of how many at most.
        logs: of the epoch, with ``loss`` and ``validation_loss``.
        best: the best validation loss so far, and its epoch, 0-based; −1 = of the weights that
            training started from.
        examples: trained on in the epoch.
        seconds: that training and judging took.
    """
    value, at = best
    told = [f"loss {logs.get('loss', math.nan):.4f}", f"validation {logs['validation_loss']:.4f}"]
    if at == epoch:
        told.append("the best so far")
    elif math.isfinite(value):
        where = f"in epoch {at + 1}" if at >= 0 else "of the weights to start from"
        told.append(f"best {value:.4f} {where}")
    if seconds > 0:
        told.append(f"{examples / seconds:,.0f} examples/s")
    if left := epochs - epoch - 1:
        told.append(f"at most {time_left(left * seconds)} left")
    return f"{name} epoch {epoch + 1} of {epochs}: {', '.join(told)}"
