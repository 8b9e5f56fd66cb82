"""Everything that a training has come to after an epoch, in files that are whole or absent.

They say whose they are: the folder's name stands for what is trained on what, so files of another
training, or damaged ones, are not gone on from.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import keras
import numpy as np

from affectflow.archive import UNUSABLE, damage_told
from affectflow.errors import AffectflowError, InputError
from affectflow.files import whole_file
from affectflow.npz import load_npz

STATE_FILE = "state.npz"
BEST_FILE = "best.{epoch}.npz"

_log = logging.getLogger(__name__)


@dataclass
class Progress:
    """What a training knows of itself beside its weights.

    Attributes:
        epochs_done: epochs finished.
        best_epoch: 0-based; −1 before the first, and while none is better than the start's weights.
        best_loss: validation loss of the best epoch.
        waited: epochs since the best.
        history: the logs of each finished epoch.
        start_loss: validation loss of the weights that training started from; None = new weights.
    """

    epochs_done: int = 0
    best_epoch: int = -1
    best_loss: float = float("inf")
    waited: int = 0
    history: list[dict[str, float]] = field(default_factory=list)
    start_loss: float | None = None


def save(
    folder: Path,
    model: keras.Model,
    progress: Progress,
    fingerprint: dict[str, Any],
) -> None:
    """Writes model, optimiser and progress to ``folder``; a kill leaves the former state.

    Of the weights that were best at a time, those of ``progress`` stay.
    """
    note = {"of": folder.name, "progress": asdict(progress), "settings": fingerprint}
    _save(folder / STATE_FILE, note, _variables(model))
    for path in folder.glob(BEST_FILE.format(epoch="*")):
        if path != _best_of(folder, progress.best_epoch):
            path.unlink(missing_ok=True)


def restore(folder: Path, model: keras.Model, fingerprint: dict[str, Any]) -> Progress | None:
    """Puts the state of ``folder`` into a compiled model with a built optimiser.

    Returns:
        The progress then, or None where no state was saved, or none of this training that can be
        read, with the best weights that belong to it; training then begins anew.

    Raises:
        InputError: the state was saved under other settings, or is of another model.
    """
    path = folder / STATE_FILE
    try:
        note, arrays = _load(path)
        progress = Progress(**note["progress"])
        settings = dict(note["settings"])
        if progress.best_epoch >= 0 or progress.start_loss is not None:
            _load_best(folder, progress.best_epoch)
    except FileNotFoundError as error:
        if path.exists():
            _log.warning("%s is not gone on from: %s is missing", folder, error.filename)
        return None
    except UNUSABLE as error:
        _log.warning("%s is not gone on from: %s", folder, error)
        return None
    differing = [
        f"{name} was {settings.get(name)!r} and is {value!r}"
        for name, value in fingerprint.items()
        if settings.get(name) != value
    ]
    if differing:
        raise InputError(
            f"{folder} holds an unfinished training with other settings ("
            f"{'; '.join(differing)}); the former settings, or another or emptied folder, "
            "would do"
        )
    _assign(_variables(model), arrays, path)
    return progress


def save_best(folder: Path, model: keras.Model, epoch: int) -> None:
    """Writes the model's weights as the best so far, those after ``epoch``; −1 = before all."""
    _save(_best_of(folder, epoch), {"of": folder.name, "epoch": epoch}, model.weights)


def restore_best(folder: Path, model: keras.Model, epoch: int) -> None:
    """Puts the best weights, which are those after ``epoch``, into the model.

    Raises:
        AffectflowError: they are damaged, or another training's.
    """
    try:
        arrays = _load_best(folder, epoch)
    except UNUSABLE as error:
        raise AffectflowError(
            f"{_best_of(folder, epoch)} cannot be read back ({error}); run again: training begins"
            " anew"
        ) from error
    _assign(model.weights, arrays, _best_of(folder, epoch))


def _best_of(folder: Path, epoch: int) -> Path:
    return folder / BEST_FILE.format(epoch=epoch)


def _load_best(folder: Path, epoch: int) -> list[np.ndarray]:
    path = _best_of(folder, epoch)
    note, arrays = _load(path)
    if note["epoch"] != epoch:
        raise ValueError(f"{path.name} is of epoch {note['epoch']}, not {epoch}")
    return arrays


def _save(path: Path, note: dict[str, Any], variables: Sequence[keras.Variable]) -> None:
    arrays = {f"v{i}": np.asarray(v) for i, v in enumerate(variables)}
    _write(path, lambda f: np.savez(f, note=np.array(json.dumps(note)), **arrays))


def _load(path: Path) -> tuple[dict[str, Any], list[np.ndarray]]:
    """The note and the arrays of a file.

    Raises:
        FileNotFoundError: it is not there.
        UNUSABLE: it is damaged, or of another training than the folder is for.
    """
    with damage_told():
        saved = load_npz(path)
        note = json.loads(str(saved["note"]))
        if note["of"] != path.parent.name:
            raise ValueError(f"{path.name} is of training {note['of']!r}")
        return note, [saved[f"v{i}"] for i in range(len(saved) - 1)]


def _variables(model: keras.Model) -> list[keras.Variable]:
    """Weights, the states of seed generators (dropout draws on them), and the optimiser's."""
    held = {id(v) for metric in model.metrics for v in metric.variables}
    own = [v for v in model.variables if id(v) not in held]
    return own + list(model.optimizer.variables)


def _assign(variables: Sequence[keras.Variable], values: list[np.ndarray], path: Path) -> None:
    found = [v.shape for v in values]
    wanted = [tuple(v.shape) for v in variables]
    if found != wanted:
        raise InputError(
            f"{path} holds another model ({len(found)} arrays, this one has {len(wanted)}, or "
            "other shapes); another or emptied folder would do"
        )
    for variable, value in zip(variables, values):
        variable.assign(value)


def _write(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # One training owns the folder.
    with whole_file(path, alone=True) as part, part.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
