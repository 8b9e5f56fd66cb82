"""A trained stage as a folder: the Keras model and the settings that made it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from affectflow.errors import InputError

if TYPE_CHECKING:
    import keras

Settings = TypeVar("Settings")
MODEL_FILE = "model.keras"
SETTINGS_FILE = "settings.json"
HISTORY_FILE = "history.json"
"""The epochs of its training, in the ``model_run`` beside the model."""


def save_stage(folder: str | Path, model: keras.Model, settings: object) -> None:
    """Writes model and settings into an existing folder."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    model.save(Path(folder, MODEL_FILE))
    text = json.dumps(dataclasses.asdict(settings), indent=1, sort_keys=True)  # type: ignore[call-overload]
    Path(folder, SETTINGS_FILE).write_text(text + "\n", encoding="utf-8")


def load_stage(folder: str | Path, kind: type[Settings]) -> tuple[keras.Model, Settings]:
    """The inverse of :func:`save_stage`; the model is not compiled.

    Raises:
        InputError: see :func:`load_settings`.
    """
    # Settings alone are read where nothing else needs Keras, which takes seconds to import.
    import keras

    settings = load_settings(folder, kind)
    return keras.saving.load_model(Path(folder, MODEL_FILE), compile=False), settings


def load_settings(folder: str | Path, kind: type[Settings]) -> Settings:
    """The settings of a saved stage.

    Raises:
        InputError: absent, damaged, or of another version of affectflow; names the file.
    """
    path = Path(folder, SETTINGS_FILE)
    try:
        return kind(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError, InputError) as error:
        raise InputError(
            f"{path} holds no {kind.__name__} that this version knows: {error}; a stage that this"
            " version trained would do"
        ) from error
