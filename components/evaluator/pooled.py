"""TFMA metrics that are derived from one mergeable accumulator a slice, model and output."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

import apache_beam as beam
import numpy as np
from tensorflow_model_analysis.metrics import metric_types, metric_util
from tensorflow_model_analysis.proto import config_pb2

Merged = TypeVar("Merged")


class Mergeable(Protocol):
    """What ``+`` merges with its like."""

    def __add__(self: Merged, other: Merged, /) -> Merged: ...


Pooled = TypeVar("Pooled", bound=Mergeable)


class PairsCombiner(beam.CombineFn, Generic[Pooled]):
    """Pools the (label, prediction) pairs of one model's output into what ``+`` merges.

    An element may hold one sample or an array of them.

    Args:
        key: of the result.
        eval_config: TFMA's.
    """

    def __init__(
        self, key: metric_types.MetricKey, eval_config: config_pb2.EvalConfig | None = None
    ) -> None:
        self._key = key
        self._eval_config = eval_config

    def create_accumulator(self) -> Pooled:
        """Nothing yet."""
        raise NotImplementedError

    def pooled(self, labels: np.ndarray, predictions: np.ndarray) -> Pooled:
        """The pairs of one element, of which at least one may have a label."""
        raise NotImplementedError

    def add_input(self, accumulator: Pooled, element: metric_types.StandardMetricInputs) -> Pooled:
        """Adds the pairs of one element."""
        for labels, predictions, _ in metric_util.to_label_prediction_example_weight(
            element,
            eval_config=self._eval_config,
            model_name=self._key.model_name,
            output_name=self._key.output_name,
            flatten=False,
            squeeze=False,
            allow_none=True,
        ):
            # An absent label is an empty array.
            if labels.size:
                accumulator += self.pooled(labels, predictions)
        return accumulator

    def merge_accumulators(self, accumulators: Iterable[Pooled]) -> Pooled:
        """All parts together."""
        return sum(accumulators, self.create_accumulator())

    def extract_output(self, accumulator: Pooled) -> dict[metric_types.MetricKey, Pooled]:
        """The pool itself; the metrics are derived from it."""
        return {self._key: accumulator}


def derived(
    key: metric_types.MetricKey,
    combiner: Callable[[metric_types.MetricKey], PairsCombiner],
    private_name: str,
    statistic: Callable[[Any], float],
) -> metric_types.MetricComputations:
    """TFMA's computations for one statistic of a pool.

    TFMA drops what has the key of another computation, so metrics of one pool share it, and keeps
    results whose name starts with "_" to itself.

    Args:
        key: of the metric.
        combiner: pool's key -> what pools.
        private_name: of the pool; the same for metrics that share it and for no others.
        statistic: pool -> the metric.
    """
    pool = metric_types.MetricKey(
        name=private_name, model_name=key.model_name, output_name=key.output_name
    )

    def result(metrics: dict[metric_types.MetricKey, Any]) -> dict[metric_types.MetricKey, float]:
        return {key: statistic(metrics[pool])}

    return [
        metric_types.MetricComputation(keys=[pool], preprocessors=None, combiner=combiner(pool)),
        metric_types.DerivedMetricComputation(keys=[key], result=result),
    ]
