"""What training minimises, and the CCC that is shown while it does.

The loss is a CCC per batch, because a gradient needs one. The metric pools all examples since its
reset, because a mean of batch CCCs is not the CCC: sequential batches collapse a pooled .58 to .03.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from affectflow.models.settings import TrainSettings

EPSILON = 1e-8
"""Added to the denominator of the loss: two equal constants give CCC 0, not 0/0."""


@keras.saving.register_keras_serializable("affectflow")
class CccLoss(keras.losses.Loss):
    """1 − mean over the outputs of the CCC over the batch, in [0, 2]; population variance.

    Lin 1989; as a loss for affect: Rangulov & Fahim 2020, 1 − (CCC_v + CCC_a)/2. Labels and
    predictions: [B, outputs]. Computed in float32 whatever the model's precision. Under several
    replicas each takes the CCC of its own share of the batch, and the losses are averaged.
    """

    def __init__(
        self,
        name: str = "ccc",
        reduction: str = "sum_over_batch_size",
        dtype: str | None = "float32",
    ):
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Scalar tensor for labels and predictions [B, outputs]."""
        x = ops.cast(y_true, "float32")
        y = ops.cast(y_pred, "float32")
        mean_x, mean_y = ops.mean(x, axis=0), ops.mean(y, axis=0)
        dx, dy = x - mean_x, y - mean_y
        variances = ops.mean(dx * dx, axis=0) + ops.mean(dy * dy, axis=0)
        gap = ops.square(mean_x - mean_y)
        ccc = 2.0 * ops.mean(dx * dy, axis=0) / (variances + gap + EPSILON)
        return 1.0 - ops.mean(ccc)


@keras.saving.register_keras_serializable("affectflow")
class PooledCcc(keras.metrics.Metric):
    """CCC of one output column over every example since the last reset.

    Kept as float64 sums, which replicas merge by adding; labels lie in [−1, 1], so that float64
    loses nothing that matters (a variance of 1e-6 keeps ten digits). The metrics that a release is
    judged by are ``affectflow.metrics``, where moments are centred.

    Args:
        column: of labels and predictions [B, outputs].
        name: as it is logged, such as ``ccc_valence``.

    ``result()`` is 0 where the CCC is 0/0, and NaN when a NaN was seen.
    """

    def __init__(self, column: int, name: str = "ccc", dtype: str | None = "float64"):
        super().__init__(name=name, dtype=dtype)
        self.column = column
        self.sums = self.add_variable((6,), "zeros", dtype="float64", name="sums")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Takes in a batch of labels and predictions [B, outputs]; weights are not heeded."""
        x = ops.cast(y_true[:, self.column], "float64")
        y = ops.cast(y_pred[:, self.column], "float64")
        pairs = ops.stack([ops.ones_like(x), x, y, x * x, y * y, x * y])
        self.sums.assign(self.sums + ops.sum(pairs, axis=1))

    def result(self) -> Any:
        """Scalar float64 tensor."""
        n, x, y, xx, yy, xy = (self.sums[i] for i in range(6))
        n = ops.maximum(n, 1.0)
        mean_x, mean_y = x / n, y / n
        covariance = xy / n - mean_x * mean_y
        # var_x + var_y + (mean_x − mean_y)² written out: the squared means cancel but for 2·x·y.
        denominator = (xx + yy) / n - 2.0 * mean_x * mean_y
        # Below this the differences above hold rounding alone: constants, so CCC 0.
        constant = denominator < 1e-13
        ccc = 2.0 * covariance / ops.where(constant, ops.ones_like(denominator), denominator)
        return ops.where(constant, ops.zeros_like(ccc), ccc)

    def get_config(self) -> dict[str, Any]:
        """What ``from_config`` builds it from."""
        return {**super().get_config(), "column": self.column}


def loss_for(settings: TrainSettings) -> keras.losses.Loss:
    """The loss that ``settings.loss`` names."""
    if settings.loss == "ccc":
        return CccLoss()
    return keras.losses.MeanSquaredError(name="mse", dtype="float32")


def metrics_for(settings: TrainSettings) -> list[keras.metrics.Metric]:
    """A pooled CCC for each output: ``ccc_valence``, ``ccc_arousal``."""
    return [PooledCcc(i, name=f"ccc_{name}") for i, name in enumerate(settings.label_names)]
