"""Epochs of a sequence model are judged by what it will be released with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from affectflow.errors import InputError
from affectflow.metrics import ccc
from affectflow.models.rnn import build_rnn
from affectflow.models.sequence_serving import SequenceServing
from affectflow.models.settings import RnnSettings
from affectflow.training import run_judge
from affectflow.training.fit import fit
from affectflow.training.run_judge import RunJudge
from affectflow.training.windows import WindowData

SETTINGS = RnnSettings(cell="gru10", window=4, seed=1, epochs=3, batch_size=8, learning_rate=0.1)
DIM = 5


def made(lengths, missing=0.2, seed=0):
    rng = np.random.default_rng(seed)
    runs = []
    for length in lengths:
        x = rng.normal(size=(length, DIM)).astype(np.float32)
        # What a frame is labelled by came before it, so that there is something to learn.
        y = np.tanh(np.cumsum(x[:, :2], axis=0) / 3)
        y[rng.random(length) < missing] = np.nan
        runs.append((x, y))
    return runs


def by_hand(model, runs, settings, state):
    """Pooled over the labelled frames of each run by itself: CCCs, and the MSE."""
    serving = SequenceServing(model, settings.label, state)
    said = np.concatenate([serving.outputs(x[np.newaxis]).numpy()[0] for x, _ in runs])
    truth = np.concatenate([y for _, y in runs])[:, list(settings.label_columns)]
    known = ~np.isnan(truth).any(axis=1)
    said, truth = said[known], truth[known]
    return [ccc(truth[:, i], said[:, i]) for i in range(truth.shape[1])], np.mean(
        (said - truth) ** 2
    )


@pytest.mark.parametrize("label", ["next", "last"])
@pytest.mark.parametrize("state", ["windowed", "carried"])
def test_every_labelled_frame_of_whole_runs_as_released(label, state, monkeypatch):
    # Shorter than a window, longer than a batch may be, and several of a batch.
    runs = made([3, 40, 9, 12, 11, 1])
    monkeypatch.setattr(run_judge, "_FRAMES", 30)
    settings = replace(SETTINGS, label=label)
    model = build_rnn(settings, feature_dim=DIM)
    judge = RunJudge(runs, settings, state)
    assert judge.count == sum((~np.isnan(y).any(axis=1)).sum() for _, y in runs)
    for factor in (1.0, 1.5):
        # The judge follows the model.
        model.set_weights([weight * factor for weight in model.get_weights()])
        expected, _ = by_hand(model, runs, settings, state)
        logs = judge(model)
        assert [logs["val_ccc_valence"], logs["val_ccc_arousal"]] == pytest.approx(
            expected, abs=1e-5
        )
        assert logs["val_loss"] == pytest.approx(1 - np.mean(expected), abs=1e-5)


def test_one_label_and_mse():
    settings = replace(SETTINGS, outputs="arousal", loss="mse", label="last")
    runs = made([20, 30])
    # Half a label is a label where the other is not asked for.
    runs[0][1][3, 0] = np.nan
    runs[0][1][3, 1] = 0.5
    model = build_rnn(settings, feature_dim=DIM)
    expected, error = by_hand(model, runs, settings, "windowed")
    logs = RunJudge(runs, settings, "windowed")(model)
    assert logs["val_ccc_arousal"] == pytest.approx(expected[0], abs=1e-5)
    assert logs["val_loss"] == pytest.approx(error, rel=1e-4)
    assert "val_ccc_valence" not in logs


@pytest.mark.parametrize("state", ["windowed", "carried"])
def test_the_epoch_that_is_kept_is_the_best_as_released(state, tmp_path):
    train, judges = made([60, 50, 70]), made([30, 40], seed=5)
    settings = replace(SETTINGS, label="last", patience=0)
    model = build_rnn(settings, feature_dim=DIM)
    kept = []
    result = fit(
        model,
        WindowData(train, settings).train,
        RunJudge(judges, settings, state),
        settings,
        tmp_path / "work",
        tmp_path / "logs",
        lambda epoch, logs: kept.append(by_hand(model, judges, settings, state)[0]),
    )
    losses = [1 - np.mean(cccs) for cccs in kept]
    assert [logs["validation_loss"] for logs in result.history] == pytest.approx(losses, abs=1e-5)
    assert result.best_epoch == int(np.argmin(losses))
    assert by_hand(model, judges, settings, state)[0] == pytest.approx(
        kept[result.best_epoch], abs=1e-5
    )


def test_runs_without_a_label():
    with pytest.raises(InputError, match="none of the 1 runs that judge epochs has a labelled"):
        RunJudge(made([9], missing=1.1), SETTINGS, "windowed")
