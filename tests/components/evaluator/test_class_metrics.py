"""Classification in TFMA: one matrix for each output, whatever the samples look like."""

import itertools
import json
import math
import pickle

import numpy as np
import pytest
from tensorflow_model_analysis.metrics import metric_types

from affectflow.metrics import ClassCounts, Confusion, pn_accuracy
from components.evaluator.class_metrics import (
    CLASS_METRICS,
    ClassAccuracy,
    ConfusionCombiner,
    MacroPrecision,
    MacroRecall,
    PNAccuracy,
)
from pipelines.beam import IN_PROCESS

CLASSES = ("fear", "joy", "neutral")
KEY = metric_types.MetricKey(name="_confusion", model_name="rnn", output_name="expression")
# Truth and prediction of seven samples. Counts, in the order of CLASSES, rows truth:
#   fear    2 1 0
#   joy     0 1 1
#   neutral 0 0 2
TRUTH = ("fear", "fear", "fear", "joy", "joy", "neutral", "neutral")
GUESS = ("fear", "fear", "joy", "joy", "neutral", "neutral", "neutral")
COUNTS = [[2, 1, 0], [0, 1, 1], [0, 0, 2]]

MODELS = ("cnn", "rnn")
OUTPUTS = {"expression": (*CLASSES, "calm"), "gender": ("f", "m")}


def element(labels, predictions):
    return metric_types.StandardMetricInputs(
        labels={"expression": labels}, predictions={"rnn": {"expression": predictions}}
    )


def pooled(*elements, classes=CLASSES):
    combiner = ConfusionCombiner(KEY, classes)
    accumulator = combiner.create_accumulator()
    for one in elements:
        accumulator = combiner.add_input(accumulator, one)
    return accumulator


def positions(names):
    return np.array([CLASSES.index(name) for name in names])


def scores(names):
    """Probabilities that are largest, at .5, for the names: float32 [n, C]."""
    return (0.25 + 0.25 * np.eye(3)[positions(names)]).astype(np.float32)


@pytest.mark.parametrize(
    "labels",
    [
        np.array(TRUTH),
        np.array(TRUTH, dtype=object),
        np.array([name.encode() for name in TRUTH]),
        np.array([[name.encode()] for name in TRUTH], dtype=object),
        positions(TRUTH),
        positions(TRUTH)[:, None],
        positions(TRUTH).astype(np.float32),
    ],
)
@pytest.mark.parametrize(
    "predictions",
    [scores(GUESS), np.array(GUESS), np.array([n.encode() for n in GUESS]), positions(GUESS)],
)
def test_every_form_of_labels_and_predictions_gives_the_same_counts(labels, predictions):
    tally = pooled(element(labels, predictions))
    assert tally.confusion.classes == CLASSES
    assert tally.confusion.counts.tolist() == COUNTS
    assert tally.missing == 0


def test_single_samples_equal_an_array_of_them():
    whole = pooled(element(np.array(TRUTH), scores(GUESS)))
    rows = list(zip(TRUTH, scores(GUESS)))
    assert pooled(*[element(np.array([name]), row) for name, row in rows]) == whole
    assert pooled(*[element(np.array([name]), row[None]) for name, row in rows]) == whole


def test_any_grouping_and_order_of_merges_gives_the_same_counts():
    combiner = ConfusionCombiner(KEY, CLASSES)
    cuts = [0, 1, 3, 4, 6, 7]
    parts = [
        pooled(element(np.array(TRUTH[a:b]), scores(GUESS[a:b])))
        for a, b in itertools.pairwise(cuts)
    ]
    for order in itertools.permutations(parts):
        assert combiner.merge_accumulators(order).confusion.counts.tolist() == COUNTS
    # Beam sends accumulators between workers, and may merge none.
    halves = [pickle.loads(pickle.dumps(combiner.merge_accumulators(p))) for p in (parts[:2], [])]
    merged = combiner.merge_accumulators([*halves, combiner.merge_accumulators(parts[2:])])
    assert combiner.extract_output(merged)[KEY].confusion.counts.tolist() == COUNTS


@pytest.mark.parametrize("absent", ["", None])
def test_samples_without_a_label_are_left_out(absent):
    labels = np.array([absent, "joy"], dtype=object)
    elements = [element(labels, scores(("fear", "joy"))), element(np.array([]), scores(("fear",)))]
    assert pooled(*elements).confusion == Confusion.of(CLASSES, ["joy"], ["joy"])
    numbers = [np.array([-1, 1]), np.array([math.nan, 1.0])]
    elements = [element(labels, scores(("fear", "joy"))) for labels in numbers]
    assert pooled(*elements).confusion == Confusion.of(CLASSES, ["joy"] * 2, ["joy"] * 2)


@pytest.mark.parametrize(
    "predictions",
    [
        np.array([[0.1, 0.8, 0.1], [0.1, math.nan, 0.9]]),
        np.array(["joy", ""]),
        np.array([b"joy", None], dtype=object),
        np.array([1, -1]),
    ],
)
def test_a_labelled_sample_without_a_prediction_leaves_no_figure(predictions):
    tally = pooled(element(np.array(["joy", "fear"]), predictions))
    assert tally == ClassCounts(Confusion.of(CLASSES, ["joy"], ["joy"]), missing=1)
    assert math.isnan(tally.measured(lambda confusion: confusion.accuracy))
    # One that has no label either is nobody's concern.
    tally = pooled(element(np.array(["joy", ""]), predictions))
    assert tally.measured(lambda confusion: confusion.accuracy) == 1.0


def test_no_predictions_at_all_are_missing_and_of_equal_scores_the_first_class_counts():
    assert pooled(element(np.array(["joy", "", "fear"]), None)).missing == 2
    assert pooled(element(np.array([1]), np.array([0.2, 0.4, 0.4]))).confusion.accuracy == 1.0


@pytest.mark.parametrize(
    ("labels", "predictions", "message"),
    [
        (["happy"], ["joy"], "truth 'happy' is not one of fear, joy, neutral"),
        (["joy"], ["happy"], "prediction 'happy' is not one of"),
        ([3], ["joy"], "truth 3 is not one of"),
        ([0.5], ["joy"], "not whole"),
        (["joy", "fear"], ["joy"], "2 labels and 1 predictions"),
        (["joy"], [0.5, 0.5], "a last dimension of 3"),
        ([[0, 1, 0]], [[0.1, 0.8, 0.1]], "a name or position for each sample"),
    ],
)
def test_what_cannot_be_counted_is_an_error(labels, predictions, message):
    with pytest.raises(ValueError, match=message):
        pooled(element(np.array(labels), np.array(predictions)))


def test_metrics_are_registered_and_share_one_pass():
    assert all(metric_types.is_registered_metric(metric.__name__) for metric in CLASS_METRICS)
    names = {"model_names": ["rnn"], "output_names": ["expression"]}
    first = [metric(CLASSES).computations(**names)[0] for metric in CLASS_METRICS]
    # TFMA drops equal computations: the samples are counted once for all metrics.
    assert len(set(first)) == 1
    # Counts over other classes are others.
    assert ClassAccuracy(CLASSES[::-1]).computations(**names)[0] not in first


def test_metrics_come_back_from_their_configuration():
    metric = PNAccuracy(("joy", "calm"), signs={"calm": 1})
    again = PNAccuracy.from_config(json.loads(json.dumps(metric.get_config())))
    assert again.get_config() == metric.get_config()
    assert again.name == "pn_accuracy"


def test_classes_are_checked_before_any_data_is_read():
    with pytest.raises(ValueError, match="there twice"):
        ClassAccuracy(("joy", "joy"))
    with pytest.raises(ValueError, match="'calm'"):
        PNAccuracy(("joy", "calm"))


def config(tfma):
    """Two outputs of different classes, each with its metrics, over all samples and by corpus."""
    configs = {
        "expression": [(metric, {}) for metric in CLASS_METRICS[:3]]
        + [(PNAccuracy, {"signs": {"calm": 1}})],
        "gender": [(metric, {}) for metric in CLASS_METRICS[:3]],
    }
    return tfma.EvalConfig(
        model_specs=[
            tfma.ModelSpec(name=model, label_keys={output: output for output in OUTPUTS})
            for model in MODELS
        ],
        metrics_specs=[
            tfma.MetricsSpec(
                metrics=[
                    tfma.MetricConfig(
                        class_name=metric.__name__,
                        module=metric.__module__,
                        config=json.dumps({"classes": OUTPUTS[output], **settings}),
                    )
                    for metric, settings in metrics
                ],
                model_names=list(MODELS),
                output_names=[output],
            )
            for output, metrics in configs.items()
        ],
        slicing_specs=[tfma.SlicingSpec(), tfma.SlicingSpec(feature_keys=["corpus"])],
    )


def test_in_a_pipeline(tmp_path):
    import apache_beam as beam
    import tensorflow_model_analysis as tfma
    from tensorflow_model_analysis.extractors.slice_key_extractor import SliceKeyExtractor
    from tensorflow_model_analysis.writers.eval_config_writer import EvalConfigWriter
    from tensorflow_model_analysis.writers.metrics_plots_and_validations_writer import (
        MetricsPlotsAndValidationsWriter,
    )

    eval_config = config(tfma)
    batches = made_up()
    extracts = [
        {
            tfma.FEATURES_KEY: {"corpus": np.array([corpus], dtype=object)},
            tfma.LABELS_KEY: {"expression": labels, "gender": genders},
            tfma.PREDICTIONS_KEY: predictions,
        }
        for corpus, labels, genders, predictions in batches
    ]
    folder = str(tmp_path)
    locations = {model: model for model in MODELS}
    paths = {tfma.METRICS_KEY: str(tmp_path / tfma.METRICS_KEY)}
    with beam.Pipeline(runner=IN_PROCESS) as pipeline:
        _ = (
            pipeline
            | beam.Create(extracts)
            | tfma.ExtractEvaluateAndWriteResults(
                eval_config=eval_config,
                extractors=[SliceKeyExtractor(eval_config=eval_config, materialize=False)],
                writers=[
                    EvalConfigWriter(folder, eval_config=eval_config, model_locations=locations),
                    MetricsPlotsAndValidationsWriter(output_paths=paths, eval_config=eval_config),
                ],
            )
        )

    figures = ("accuracy", "macro_precision", "macro_recall")
    for model in MODELS:
        found = dict(tfma.load_eval_result(folder, model_name=model).slicing_metrics)
        assert set(found) == {(), (("corpus", "a"),), (("corpus", "b"),)}
        for slice_key, metrics in found.items():
            rows = [row for row in batches if not slice_key or row[0] == slice_key[0][1]]
            for output, matrix in by_numpy(rows, model).items():
                expected = {name: getattr(matrix, name) for name in figures}
                if output == "expression":
                    expected["pn_accuracy"] = pn_accuracy(matrix, {"calm": 1})
                got = {name: value["doubleValue"] for name, value in metrics[output][""].items()}
                assert got == pytest.approx(expected, abs=1e-12)


def made_up():
    """Six batches: corpus, labels and genders [n] ("" = none), and each model's predictions."""
    rng = np.random.Generator(np.random.PCG64(0))
    batches = []
    for n in range(5, 11):
        labels, genders = rng.choice(OUTPUTS["expression"], n), rng.choice(["f", "m", ""], n)
        predictions = {}
        for model in MODELS:
            scores, named = rng.dirichlet(np.ones(4), n), rng.choice([b"f", b"m"], n)
            predictions[model] = {"expression": scores, "gender": named}
        batches.append(("ab"[n % 2], labels, genders, predictions))
    return batches


def by_numpy(rows, model):
    """The matrix of each output, of the rows, without TFMA."""
    found = {output: Confusion.of(classes, [], []) for output, classes in OUTPUTS.items()}
    for _, labels, genders, predictions in rows:
        guess = predictions[model]["expression"].argmax(axis=1)
        found["expression"] += Confusion.of(OUTPUTS["expression"], labels, guess)
        known = genders != ""
        named = np.char.decode(predictions[model]["gender"][known])
        found["gender"] += Confusion.of(OUTPUTS["gender"], genders[known], named)
    return found


def test_figures_by_hand():
    # Fear is 3 times fear and once anger; anger is anger; joy occurs nowhere. So 4 of 5 are right;
    # precision is 3/3 and 1/2, recall 3/4 and 1/1; and all are negative, as they should be.
    classes = ("fear", "anger", "joy")
    truth, guess = np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 1, 1])
    tally = pooled(element(truth, guess), classes=classes)
    expected = {ClassAccuracy: 4 / 5, MacroPrecision: 3 / 4, MacroRecall: 7 / 8, PNAccuracy: 1.0}
    for metric, value in expected.items():
        counting, derived = metric(classes).computations()
        (found,) = derived.result({counting.keys[0]: tally}).values()
        assert found == pytest.approx(value, abs=1e-15)
        (found,) = derived.result({counting.keys[0]: pooled(classes=classes)}).values()
        assert math.isnan(found)
