"""CCC, Pearson's r and RMSE for TFMA, all from one pass of mergeable co-moments.

TFMA has no CCC. Its own squared Pearson correlation is no stand-in: r² is blind to shift and
scale, and its raw sums cancel for labels of low variance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from tensorflow_model_analysis.metrics import metric_types, metric_util
from tensorflow_model_analysis.proto import config_pb2

from affectflow.metrics import CoMoments
from components.evaluator.pooled import PairsCombiner, derived

# The moments are computed once for each slice, model and output, and the metrics below are derived
# from them.
_MOMENTS = "_co_moments"


class CoMomentsCombiner(PairsCombiner[CoMoments]):
    """Pools the (label, prediction) pairs of one model's output; frames without label are out."""

    def create_accumulator(self) -> CoMoments:
        """Nothing yet."""
        return CoMoments()

    def pooled(self, labels: np.ndarray, predictions: np.ndarray) -> CoMoments:
        """Moments of the labelled frames of one element."""
        # An absent label may be NaN, too.
        known = ~np.isnan(labels)
        return CoMoments.of(labels[known], predictions[known])


def _derived(statistic: Callable[[CoMoments], float]) -> Callable[..., Any]:
    """TFMA's computations for one statistic of the co-moments."""

    def computations(
        name: str = "",
        eval_config: config_pb2.EvalConfig | None = None,
        model_name: str = "",
        output_name: str = "",
    ) -> metric_types.MetricComputations:
        key = metric_types.MetricKey(name=name, model_name=model_name, output_name=output_name)
        return derived(key, lambda pool: CoMomentsCombiner(pool, eval_config), _MOMENTS, statistic)

    return metric_util.merge_per_key_computations(computations)


class CCC(metric_types.Metric):
    """Lin's concordance correlation coefficient, pooled over the frames of a slice.

    In [-1, 1]; NaN for a slice without frames, or where labels and predictions are one constant.
    """

    def __init__(self, name: str = "ccc") -> None:
        super().__init__(_derived(CoMoments.ccc), name=name)


class PearsonCorrelation(metric_types.Metric):
    """Pearson's r, in [-1, 1]; NaN where labels or predictions are constant."""

    def __init__(self, name: str = "pearson") -> None:
        super().__init__(_derived(CoMoments.pearson), name=name)


class RMSE(metric_types.Metric):
    """Root mean squared error, in the unit of the labels; NaN for a slice without frames."""

    def __init__(self, name: str = "rmse") -> None:
        super().__init__(_derived(CoMoments.rmse), name=name)


class LabelledCount(metric_types.Metric):
    """Frames that carry a label for the output; TFMA's own count has those without, too."""

    def __init__(self, name: str = "labelled_count") -> None:
        super().__init__(_derived(lambda moments: moments.n), name=name)


METRICS = (CCC, PearsonCorrelation, RMSE, LabelledCount)
for _metric in METRICS:
    metric_types.register_metric(_metric)
