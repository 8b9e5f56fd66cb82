"""Trains a model: epoch by epoch, keeping the best, stopping early, going on after a kill.

Keras' own BackupAndRestore forgets the patience counter and the best so far, and its EarlyStopping
cannot watch a pooled CCC; one epoch a ``Model.fit`` call keeps all of that in plain sight.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

import keras
import tensorflow as tf

from affectflow.errors import AffectflowError
from affectflow.files import write_text
from affectflow.models.objective import Objective, objective_for
from affectflow.models.settings import FitSettings
from affectflow.progress import advance, note
from affectflow.training import snapshot
from affectflow.training.epoch_line import epoch_line
from affectflow.training.event_log import EventLog
from affectflow.training.optimizer import optimizer_for
from affectflow.training.plateau import is_cut, next_rate

DONE_FILE = "done.json"

Logs = dict[str, float]

Judge: TypeAlias = "tf.data.Dataset | Callable[[keras.Model], Logs]"
"""What an epoch is judged by: batches of (x, label), or what gives the logs ``val_…`` itself."""


@dataclass(frozen=True)
class FitResult:
    """What came of a training; the model itself holds the best weights.

    Attributes:
        history: the logs of each epoch, first to last: ``loss``, ``ccc_valence``, …, the same with
            ``val_`` before them, and ``validation_loss``, by which epochs are judged.
        best_epoch: 0-based; −1 = no epoch was better than the weights that training started from,
            and these are left.
        best_loss: ``validation_loss`` of that epoch, or of those weights.
        resumed_from: epochs that an earlier call had finished; 0 = none.
        stopped_early: whether patience ended it, rather than the number of epochs.
        start_loss: ``validation_loss`` of the weights that training started from; None = new ones.
    """

    history: list[Logs]
    best_epoch: int
    best_loss: float
    resumed_from: int
    stopped_early: bool
    start_loss: float | None = None


def fit(
    model: keras.Model,
    train: Callable[[int], tf.data.Dataset],
    validation: Judge,
    settings: FitSettings,
    work_dir: str | Path,
    log_dir: str | Path,
    on_epoch: Callable[[int, Logs], None] | None = None,
    trained: bool = False,
) -> FitResult:
    """Trains until the epochs are done or patience is spent; leaves the best weights in ``model``.

    Epochs are judged by ``validation_loss`` (see affectflow.models.objective): for the CCC loss
    1 − the mean of the pooled CCCs, for MSE the MSE, for classes 1 − the accuracy or the loss.

    A call after a kill goes on after the last whole epoch and ends as the unbroken run would have.
    A call after the end trains no more and gives the same result.

    Args:
        model: built within ``strategy_for(settings).scope()``; it is compiled here.
        train: epoch (0-based) -> the batches of that epoch; a function of the epoch alone.
        validation: batches of (x, label), or a function of the model that gives the logs
            ``val_loss``, ``val_ccc_valence``, … of what it judges by.
        settings: loss, optimiser, epochs, patience, precision.
        work_dir: for the state after each epoch; kept at the end, with a ``done.json``.
        log_dir: for TensorBoard's event files (see affectflow.training.event_log).
        on_epoch: told (epoch, logs) when an epoch is over and saved.
        trained: the model's weights are those of an earlier training. They are judged as an epoch
            is, and kept where no epoch is better.

    Raises:
        AffectflowError: the loss or the validation is not a number.
        InputError: ``work_dir`` holds a training with other settings.
    """
    work = Path(work_dir)
    fingerprint = asdict(settings)
    # More epochs or patience continue a training; anything else makes it another one.
    del fingerprint["epochs"], fingerprint["patience"]

    objective = objective_for(settings)
    with model.distribute_strategy.scope():
        # See models/xla.py for why XLA is off.
        model.compile(
            optimizer=optimizer_for(settings),
            loss=objective.loss,
            metrics=objective.metrics,
            loss_weights=objective.loss_weights,
            jit_compile=False,
        )
        model.optimizer.build(model.trainable_variables)
        progress = snapshot.restore(work, model, fingerprint)
    if progress is None:
        progress = snapshot.Progress()
        if trained:
            _judge_start(work, model, validation, objective, progress)
    resumed_from = progress.epochs_done

    events = EventLog(log_dir)
    for epoch in range(progress.epochs_done, settings.epochs):
        if _out_of_patience(progress, settings) or not _set_rate(model, progress, settings):
            break
        began = time.monotonic()
        steps = _EachStep(model, settings)
        logs = _one_epoch(model, train(epoch), validation, epoch, steps, objective)
        progress.history.append(logs)
        progress.epochs_done = epoch + 1
        progress.waited += 1
        if logs["validation_loss"] < progress.best_loss:
            progress.best_loss, progress.best_epoch = logs["validation_loss"], epoch
            progress.waited = 0
            snapshot.save_best(work, model, epoch)
        snapshot.save(work, model, progress, fingerprint)
        events.write(epoch, logs)
        best = progress.best_loss, progress.best_epoch
        examples, seconds = steps.done * settings.batch_size, time.monotonic() - began
        note(epoch_line(model.name, epoch, settings.epochs, logs, best, examples, seconds))
        if on_epoch is not None:
            on_epoch(epoch, logs)
    events.close()

    snapshot.restore_best(work, model, progress.best_epoch)
    result = FitResult(
        history=progress.history,
        best_epoch=progress.best_epoch,
        best_loss=progress.best_loss,
        resumed_from=resumed_from,
        stopped_early=progress.epochs_done < settings.epochs,
        start_loss=progress.start_loss,
    )
    _leave_note(work, result)
    return result


def _judge_start(
    work: Path,
    model: keras.Model,
    validation: Judge,
    objective: Objective,
    progress: snapshot.Progress,
) -> None:
    """Makes the weights as they are the best so far."""
    if isinstance(validation, tf.data.Dataset):
        found = model.evaluate(validation, verbose=0, return_dict=True)
        logs = {f"val_{name}": float(value) for name, value in found.items()}
    else:
        logs = validation(model)
    loss = objective.validation_loss(logs)
    if math.isfinite(loss):
        progress.start_loss = progress.best_loss = loss
        snapshot.save_best(work, model, progress.best_epoch)


def _one_epoch(
    model: keras.Model,
    batches: tf.data.Dataset,
    validation: Judge,
    epoch: int,
    steps: _EachStep,
    objective: Objective,
) -> Logs:
    in_batches = isinstance(validation, tf.data.Dataset)
    steps.expect(int(batches.cardinality()))
    fitted = model.fit(
        batches,
        validation_data=validation if in_batches else None,
        initial_epoch=epoch,
        epochs=epoch + 1,
        verbose=0,
        callbacks=[steps],
    )
    logs = {name: float(values[-1]) for name, values in fitted.history.items()}
    if not in_batches:
        logs |= validation(model)
    logs["validation_loss"] = objective.validation_loss(logs)
    if not math.isfinite(logs["validation_loss"]):
        raise AffectflowError(
            f"validation loss is {logs['validation_loss']} in epoch {epoch}; look for NaN in the "
            "validation set's images, features or labels, or lower learning_rate "
            f"({steps.settings.learning_rate})"
        )
    return logs


class _EachStep(keras.callbacks.Callback):
    """Tells of progress, and raises at the step whose loss is not a number.

    Keras' own TerminateOnNaN only ends the epoch.
    """

    def __init__(self, model: keras.Model, settings: FitSettings):
        super().__init__()
        self.what = f"{model.name} training steps"
        self.settings = settings
        self.total: int | None = None
        self.done = 0

    def expect(self, steps: int) -> None:
        """Takes the steps of the epoch; a dataset of unknown length gives a negative number."""
        self.total = steps * self.settings.epochs if steps >= 0 else None

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self.done += 1
        loss = float((logs or {}).get("loss", 0.0))
        if not math.isfinite(loss):
            raise AffectflowError(
                f"training loss is {loss} at step {batch + 1} of the epoch; a learning_rate below "
                f"{self.settings.learning_rate:g} or mixed_precision none would do, unless images, "
                "features or labels hold NaN"
            )
        advance(self.what, 1, self.total)


def _set_rate(model: keras.Model, progress: snapshot.Progress, settings: FitSettings) -> bool:
    """Tells the optimiser the epoch's rate, where that is not its own affair; False = too low."""
    if not is_cut(settings):
        return True
    rate = next_rate(settings, [logs["validation_loss"] for logs in progress.history])
    if rate:
        model.optimizer.learning_rate = rate
    return rate > 0


def _out_of_patience(progress: snapshot.Progress, settings: FitSettings) -> bool:
    return 0 < settings.patience <= progress.waited


def _leave_note(work: Path, result: FitResult) -> None:
    note = {
        "epochs": len(result.history),
        "best_epoch": result.best_epoch,
        "best_loss": result.best_loss,
        "stopped_early": result.stopped_early,
    }
    write_text(work / DONE_FILE, json.dumps(note, indent=2) + "\n")
