"""The judge is a value that Keras really logs, and it says what it is said to."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from affectflow.models.classifier_settings import ClassifierSettings
from affectflow.models.objective import objective_for
from affectflow.models.settings import CnnSettings, FitSettings

WEIGHTS = {"weight_expression": 2.0, "weight_gender": 4.0, "weight_race": 1.5, "weight_age": 0.1}


def labels(settings: ClassifierSettings, number: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {task: rng.integers(-1, len(names), number) for task, names in settings.classes.items()}


def heads(settings: ClassifierSettings) -> keras.Model:
    image = keras.Input((4,), name="image")
    outputs = {
        task: keras.layers.Dense(
            len(names), "softmax", kernel_regularizer=keras.regularizers.L2(0.1), name=task
        )(image)
        for task, names in settings.classes.items()
    }
    return keras.Model(image, outputs)


@pytest.mark.parametrize("judge", ["accuracy", "loss"])
@pytest.mark.parametrize("tasks", ["expression", "all"])
def test_the_judge_is_logged_and_pools_the_known_expressions(tasks, judge):
    settings = ClassifierSettings(tasks=tasks, judge=judge, **WEIGHTS)
    objective = objective_for(settings)
    model = heads(settings)
    model.compile(
        loss=objective.loss, metrics=objective.metrics, loss_weights=objective.loss_weights
    )
    x, y = np.random.default_rng(1).random((10, 4), np.float32), labels(settings, 10)
    batches = tf.data.Dataset.from_tensor_slices((x, y)).batch(4)
    history = model.fit(batches, validation_data=batches, verbose=0).history
    found = objective.validation_loss({name: values[-1] for name, values in history.items()})

    probabilities, known = model(x)["expression"].numpy(), y["expression"] >= 0
    of_label = probabilities[np.arange(10), np.maximum(y["expression"], 0)][known]
    right = (probabilities.argmax(axis=1) == y["expression"])[known]
    expected = 1 - right.mean() if judge == "accuracy" else -np.log(of_label).mean()
    assert found == pytest.approx(expected, rel=1e-5)
    evaluated = model.evaluate(batches, verbose=0, return_dict=True)
    assert {f"val_{name}" for name in evaluated} >= set(objective.judges)


def test_what_is_minimised_is_the_weighted_sum():
    settings = ClassifierSettings(tasks="all", **WEIGHTS)
    objective = objective_for(settings)
    model = heads(settings)
    model.compile(
        loss=objective.loss, metrics=objective.metrics, loss_weights=objective.loss_weights
    )
    x, y = np.ones((6, 4), np.float32), labels(settings, 6)
    found = model.evaluate(x, y, verbose=0, return_dict=True)
    expected = float(sum(model.losses)) + sum(
        WEIGHTS[f"weight_{task}"] * found[f"{task}_crossentropy"] for task in settings.classes
    )
    assert found["loss"] == pytest.approx(expected, rel=1e-5)


def test_valence_and_arousal_are_judged_by_their_mean_ccc_or_the_mse():
    ccc = objective_for(CnnSettings())
    assert ccc.judges == ("val_ccc_valence", "val_ccc_arousal")
    assert ccc.validation_loss({"val_ccc_valence": 0.5, "val_ccc_arousal": 0.1}) == pytest.approx(
        0.7
    )
    mse = objective_for(CnnSettings(loss="mse"))
    assert mse.validation_loss({"val_loss": 0.25}) == 0.25


def test_settings_without_a_loss_have_no_objective():
    with pytest.raises(TypeError, match="FitSettings"):
        objective_for(FitSettings())
