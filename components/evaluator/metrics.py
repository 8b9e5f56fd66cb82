"""CCC, Pearson's r and RMSE for TFMA, all from one pass of mergeable co-moments.

TFMA has no CCC. Its own squared Pearson correlation is no stand-in: r² is blind to shift and
scale, and its raw sums cancel for labels of low variance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import apache_beam as beam
import numpy as np
from tensorflow_model_analysis.metrics import metric_types, metric_util
from tensorflow_model_analysis.proto import config_pb2

from affectflow.metrics import CoMoments

# TFMA keeps results whose name starts with "_" to itself: the moments are computed once for each
# slice, model and output, and the metrics below are derived from them.
_MOMENTS = "_co_moments"


class CoMomentsCombiner(beam.CombineFn):
    """Pools the (label, prediction) pairs of one model's output; frames without label are out.

    An element may hold one frame or an array of them.
    """

    def __init__(
        self, key: metric_types.MetricKey, eval_config: config_pb2.EvalConfig | None = None
    ) -> None:
        self._key = key
        self._eval_config = eval_config

    def create_accumulator(self) -> CoMoments:
        """Nothing yet."""
        return CoMoments()

    def add_input(
        self, accumulator: CoMoments, element: metric_types.StandardMetricInputs
    ) -> CoMoments:
        """Adds the labelled frames of one element."""
        for labels, predictions, _ in metric_util.to_label_prediction_example_weight(
            element,
            eval_config=self._eval_config,
            model_name=self._key.model_name,
            output_name=self._key.output_name,
            flatten=False,
            squeeze=False,
            allow_none=True,
        ):
            # An absent label is an empty array, or NaN.
            if labels.size:
                known = ~np.isnan(labels)
                accumulator += CoMoments.of(labels[known], predictions[known])
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[CoMoments]) -> CoMoments:
        """Moments of all parts together."""
        return sum(accumulators, CoMoments())

    def extract_output(self, accumulator: CoMoments) -> dict[metric_types.MetricKey, CoMoments]:
        """The moments themselves; the metrics are derived from them."""
        return {self._key: accumulator}


def _derived(statistic: Callable[[CoMoments], float]) -> Callable[..., Any]:
    """TFMA's computations for one statistic of the co-moments."""

    def computations(
        name: str = "",
        eval_config: config_pb2.EvalConfig | None = None,
        model_name: str = "",
        output_name: str = "",
    ) -> metric_types.MetricComputations:
        key = metric_types.MetricKey(name=name, model_name=model_name, output_name=output_name)
        moments = metric_types.MetricKey(
            name=_MOMENTS, model_name=model_name, output_name=output_name
        )

        def result(
            metrics: dict[metric_types.MetricKey, Any],
        ) -> dict[metric_types.MetricKey, float]:
            return {key: statistic(metrics[moments])}

        return [
            metric_types.MetricComputation(
                keys=[moments],
                preprocessors=None,
                combiner=CoMomentsCombiner(moments, eval_config),
            ),
            metric_types.DerivedMetricComputation(keys=[key], result=result),
        ]

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
