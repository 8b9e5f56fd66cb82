import itertools
import math

import numpy as np
import pytest
from tensorflow_model_analysis.metrics import metric_types

from affectflow.metrics import CoMoments, ccc, rmse
from components.evaluator.metrics import CCC, RMSE, CoMomentsCombiner, LabelledCount

KEY = metric_types.MetricKey(name="_co_moments", model_name="rnn", output_name="valence")


def element(labels, predictions):
    return metric_types.StandardMetricInputs(
        labels={"valence": np.asarray(labels)},
        predictions={"rnn": {"valence": np.asarray(predictions)}},
    )


def pooled(combiner, elements):
    accumulator = combiner.create_accumulator()
    for one in elements:
        accumulator = combiner.add_input(accumulator, one)
    return accumulator


def test_any_grouping_and_order_of_merges_gives_the_ccc_of_all_frames():
    rng = np.random.Generator(np.random.PCG64(0))
    # Labels of low variance far from zero: raw sums of squares would cancel here.
    x = 0.9 + rng.normal(0, 1e-4, 600)
    y = x + rng.normal(0, 1e-4, 600)
    combiner = CoMomentsCombiner(KEY)
    cuts = [0, 1, 2, 100, 350, 351, 600]
    parts = [pooled(combiner, [element(x[a:b], y[a:b])]) for a, b in itertools.pairwise(cuts)]
    orders = [parts, parts[::-1], [parts[i] for i in (3, 0, 5, 1, 4, 2)]]
    for order in orders:
        merged = combiner.merge_accumulators(order)
        assert combiner.extract_output(merged)[KEY].ccc() == pytest.approx(ccc(x, y), abs=1e-9)
    nested = combiner.merge_accumulators(
        [combiner.merge_accumulators(parts[:2]), combiner.merge_accumulators(parts[2:])]
    )
    assert nested.ccc() == pytest.approx(ccc(x, y), abs=1e-9)


def test_single_frames_equal_an_array_of_them():
    x, y = np.array([0.1, -0.4, 0.7]), np.array([0.2, -0.1, 0.5])
    combiner = CoMomentsCombiner(KEY)
    single = pooled(combiner, [element([a], [b]) for a, b in zip(x, y, strict=True)])
    assert single.n == 3
    assert single.ccc() == pytest.approx(ccc(x, y), abs=1e-12)
    assert single.rmse() == pytest.approx(rmse(x, y), abs=1e-12)


def test_frames_without_a_label_are_left_out():
    combiner = CoMomentsCombiner(KEY)
    elements = [element([math.nan, 0.5], [0.9, 0.4]), element([], [0.3])]
    assert pooled(combiner, elements) == CoMoments.of([0.5], [0.4])


def test_nothing_and_constants_have_no_ccc():
    combiner = CoMomentsCombiner(KEY)
    assert math.isnan(combiner.create_accumulator().ccc())
    assert math.isnan(pooled(combiner, [element([0.2, 0.2], [0.2, 0.2])]).ccc())


def test_metrics_are_registered_and_share_one_pass():
    assert all(
        metric_types.is_registered_metric(name)
        for name in ("CCC", "PearsonCorrelation", "RMSE", "LabelledCount")
    )
    names = {"model_names": ["rnn"], "output_names": ["valence"]}
    first = [metric().computations(**names)[0] for metric in (CCC, RMSE, LabelledCount)]
    # TFMA drops equal computations: the moments are folded once for all metrics.
    assert len(set(first)) == 1
