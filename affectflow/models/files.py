"""A trained stage as a folder: the Keras model and the settings that made it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TypeVar

import keras

Settings = TypeVar("Settings")
MODEL_FILE = "model.keras"
SETTINGS_FILE = "settings.json"


def save_stage(folder: str | Path, model: keras.Model, settings: object) -> None:
    """Writes model and settings into an existing folder."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    model.save(Path(folder, MODEL_FILE))
    text = json.dumps(dataclasses.asdict(settings), indent=1, sort_keys=True)  # type: ignore[call-overload]
    Path(folder, SETTINGS_FILE).write_text(text + "\n", encoding="utf-8")


def load_stage(folder: str | Path, kind: type[Settings]) -> tuple[keras.Model, Settings]:
    """The inverse of :func:`save_stage`; the model is not compiled."""
    model = keras.saving.load_model(Path(folder, MODEL_FILE), compile=False)
    settings = json.loads(Path(folder, SETTINGS_FILE).read_text(encoding="utf-8"))
    return model, kind(**settings)
