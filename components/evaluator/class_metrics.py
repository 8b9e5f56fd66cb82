"""Accuracy, macro precision and recall, and PN accuracy for TFMA, all from one confusion matrix.

TFMA has no PN accuracy, and its macro averages are means of binary metrics at a threshold, each
computed for itself. Here the data are passed over once for all four.

A metric is told its classes; outputs of other classes need a MetricsSpec of their own::

    tfma.MetricConfig(class_name="ClassAccuracy", module="components.evaluator.class_metrics",
                      config=json.dumps({"classes": ["joy", "fear"]}))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

import numpy as np
from tensorflow_model_analysis.metrics import metric_types, metric_util
from tensorflow_model_analysis.proto import config_pb2

from affectflow.metrics import ClassCounts, Confusion, pn_accuracy, valence_signs
from components.evaluator.pooled import PairsCombiner, derived


class ConfusionCombiner(PairsCombiner[ClassCounts]):
    """Counts the (label, prediction) pairs of one model's output; samples without label are out.

    An element may hold one sample or an array of n.

    Labels are [n] or [n, 1]: names of classes ("" = none) or their positions (-1 or NaN = none).
    Predictions are names or integer positions likewise, or floating-point numbers [n, C] or [C],
    a probability or score for each class, of which the largest is predicted (the first of equals;
    a row with NaN is no prediction). An empty array, too, is no label or no prediction.

    Args:
        key: of the result.
        classes: C names; the order of the scores.
        eval_config: TFMA's.
    """

    def __init__(
        self,
        key: metric_types.MetricKey,
        classes: Sequence[str],
        eval_config: config_pb2.EvalConfig | None = None,
    ) -> None:
        super().__init__(key, eval_config)
        self._classes = tuple(classes)

    def create_accumulator(self) -> ClassCounts:
        """Nothing yet."""
        return ClassCounts(Confusion.of(self._classes, [], []))

    def pooled(self, labels: np.ndarray, predictions: np.ndarray) -> ClassCounts:
        """Counts of the labelled samples of one element.

        Raises:
            ValueError: what is no class, or labels and predictions that do not pair.
        """
        truth, labelled = _given(labels, "labels")
        if predictions.size == 0:
            predictions = np.full(len(truth), "")
        elif predictions.dtype.kind == "f":
            predictions = self._largest(predictions)
        predicted, made = _given(predictions, "predictions")
        if len(truth) != len(predicted):
            raise ValueError(
                f"{len(truth)} labels and {len(predicted)} predictions; equal numbers would do"
            )
        both = labelled & made
        return ClassCounts(
            Confusion.of(self._classes, truth[both], predicted[both]),
            int(np.sum(labelled & ~made)),
        )

    def _largest(self, scores: np.ndarray) -> np.ndarray:
        """Scores [..., C] -> positions of the largest, int64 [n]; -1 where one is NaN."""
        if scores.shape[-1] != len(self._classes):
            raise ValueError(
                f"predictions have shape {list(scores.shape)}; a last dimension of "
                f"{len(self._classes)}, as there are so many classes, would do"
            )
        scores = scores.reshape(-1, len(self._classes))
        return np.where(np.isnan(scores).any(axis=1), -1, scores.argmax(axis=1))


def _given(values: np.ndarray, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Names or positions [n] or [n, 1] -> those [n] as Confusion takes them, and which there are.

    Raises:
        ValueError: another shape, or positions that are not whole.
    """
    if values.ndim > 1 and values.shape[-1] != 1:
        raise ValueError(
            f"{what} have shape {list(values.shape)}; a name or position for each sample would do"
        )
    values = values.reshape(-1)
    if values.dtype.kind in "SUO":
        names = np.empty(len(values), dtype=object)
        names[:] = [
            value.decode("utf-8") if isinstance(value, bytes) else value for value in values
        ]
        return names, np.array([name not in ("", None) for name in names], dtype=bool)
    if values.dtype.kind == "f":
        known = ~np.isnan(values)
        positions = np.where(known, values, -1).astype(np.int64)
        if np.any(positions[known] != values[known]):
            raise ValueError(f"{what} are positions that are not whole: {values[known]}")
        values = positions
    return values, values != -1


def _derived(statistic: Callable[..., float]) -> Callable[..., Any]:
    """TFMA's computations for one statistic of the confusion matrix and the metric's settings."""
    return _of_counts(
        lambda counts, **settings: counts.measured(lambda found: statistic(found, **settings))
    )


def _of_counts(statistic: Callable[..., float]) -> Callable[..., Any]:
    """TFMA's computations for one statistic of the counts and the metric's settings."""

    def computations(
        classes: Sequence[str],
        name: str = "",
        eval_config: config_pb2.EvalConfig | None = None,
        model_name: str = "",
        output_name: str = "",
        **settings: Any,
    ) -> metric_types.MetricComputations:
        key = metric_types.MetricKey(name=name, model_name=model_name, output_name=output_name)
        # Metrics of other classes must not share the matrix.
        private = metric_util.generate_private_name_from_arguments(
            "_confusion", classes=list(classes)
        )
        return derived(
            key,
            lambda pool: ConfusionCombiner(pool, classes, eval_config),
            private,
            lambda counts: statistic(counts, **settings),
        )

    return metric_util.merge_per_key_computations(computations)


class _ClassMetric(metric_types.Metric):
    """A metric that is told its classes.

    Raises:
        ValueError: the classes are none; said when the metric is made, before any data is read.
    """

    def __init__(
        self, statistic: Callable[..., float], classes: Sequence[str], name: str, **settings: Any
    ) -> None:
        Confusion.of(classes, [], [])
        super().__init__(_derived(statistic), classes=list(classes), name=name, **settings)


class ClassAccuracy(_ClassMetric):
    """Share of the samples of a slice whose class is right, in [0, 1]; NaN without samples.

    NaN, as the others here, where the model gave a labelled sample no prediction.
    """

    def __init__(self, classes: Sequence[str], name: str = "accuracy") -> None:
        super().__init__(attrgetter("accuracy"), classes, name)


class MacroPrecision(_ClassMetric):
    """Mean precision over the classes that occur, in [0, 1]; see affectflow.metrics.Confusion."""

    def __init__(self, classes: Sequence[str], name: str = "macro_precision") -> None:
        super().__init__(attrgetter("macro_precision"), classes, name)


class MacroRecall(_ClassMetric):
    """Mean recall over the classes that occur, in [0, 1]; see affectflow.metrics.Confusion."""

    def __init__(self, classes: Sequence[str], name: str = "macro_recall") -> None:
        super().__init__(attrgetter("macro_recall"), classes, name)


class PNAccuracy(_ClassMetric):
    """Share of the samples whose sign of valence is right; see affectflow.metrics.pn_accuracy.

    Args:
        classes: emotions.
        name: of the metric.
        signs: class -> number with the sign of its valence, for classes that are not in
            affectflow.emotions.

    Raises:
        ValueError: a class has no sign.
    """

    def __init__(
        self,
        classes: Sequence[str],
        name: str = "pn_accuracy",
        signs: Mapping[str, float] | None = None,
    ) -> None:
        valence_signs(classes, signs)
        super().__init__(pn_accuracy, classes, name, signs=dict(signs or {}))


class LabelledSamples(metric_types.Metric):
    """Samples that carry a class of the output, with a prediction or without."""

    def __init__(self, classes: Sequence[str], name: str = "labelled_count") -> None:
        super().__init__(_of_counts(lambda counts: counts.total), classes=list(classes), name=name)


CLASS_METRICS = (ClassAccuracy, MacroPrecision, MacroRecall, PNAccuracy, LabelledSamples)
for _metric in CLASS_METRICS:
    metric_types.register_metric(_metric)
