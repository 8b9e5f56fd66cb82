"""Everything that a training has come to after an epoch, in files that are whole or absent."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import keras
import numpy as np

from affectflow.errors import InputError

STATE_FILE = "state.npz"
BEST_FILE = "best.npz"


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
    """Writes model, optimiser and progress to ``folder``; a kill leaves the former state."""
    arrays = {f"v{i}": np.asarray(v) for i, v in enumerate(_variables(model))}
    note = json.dumps({"progress": asdict(progress), "settings": fingerprint})
    _write(folder / STATE_FILE, lambda f: np.savez(f, note=np.array(note), **arrays))


def restore(folder: Path, model: keras.Model, fingerprint: dict[str, Any]) -> Progress | None:
    """Puts the state of ``folder`` into a compiled model with a built optimiser.

    Returns:
        The progress then, or None where no state was saved.

    Raises:
        InputError: the state was saved under other settings.
    """
    path = folder / STATE_FILE
    if not path.exists():
        return None
    with np.load(path) as saved:
        note = json.loads(str(saved["note"]))
        differing = [
            f"{name} was {note['settings'].get(name)!r} and is {value!r}"
            for name, value in fingerprint.items()
            if note["settings"].get(name) != value
        ]
        if differing:
            raise InputError(
                f"{folder} holds an unfinished training with other settings ("
                f"{'; '.join(differing)}); the former settings, or another or emptied folder, "
                "would do"
            )
        _assign(_variables(model), [saved[f"v{i}"] for i in range(len(saved.files) - 1)], path)
    return Progress(**note["progress"])


def save_best(folder: Path, model: keras.Model) -> None:
    """Writes the model's weights as the best so far."""
    arrays = {f"v{i}": np.asarray(v) for i, v in enumerate(model.weights)}
    _write(folder / BEST_FILE, lambda f: np.savez(f, **arrays))


def restore_best(folder: Path, model: keras.Model) -> None:
    """Puts the best weights so far into the model."""
    path = folder / BEST_FILE
    with np.load(path) as saved:
        _assign(model.weights, [saved[f"v{i}"] for i in range(len(saved.files))], path)


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
    # One name, as one training owns the folder: what a kill leaves behind is written over.
    temporary = path.with_name(f".{path.name}")
    with temporary.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
