"""Starts a training from the weights of a stage that was trained before, here or elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from affectflow.errors import InputError
from affectflow.models.settings import FitSettings

if TYPE_CHECKING:
    import keras

DECISIVE = ("cell", "outputs", "network", "tasks", "expressions", "layers", "width", "channels")
"""The settings by which a stage is another network. Weights fit any size of image and window."""

Shapes = Mapping[str, list[tuple[int, ...]]]


def unlike(stage: str, saved: FitSettings, settings: FitSettings) -> list[str]:
    """In which settings a saved stage is another network than the one to train, in words.

    Args:
        stage: ``cnn`` or ``rnn``.
        saved, settings: of the saved and of the new network, both of the stage's own class.

    Returns:
        Such as ``rnn.cell is 'gru3' there and 'gru1' here``; empty where they are one network.
    """
    return [
        f"{stage}.{name} is {getattr(saved, name)!r} there and {getattr(settings, name)!r} here"
        for name in DECISIVE
        if getattr(saved, name, None) != getattr(settings, name, None)
    ]


def start_from(folder: str | Path, model: keras.Model, settings: FitSettings, stage: str) -> None:
    """Puts the weights of a saved stage into a new model.

    Weights alone come over, the moving statistics of the batch norm among them. What
    ``rnn.normalize`` scales by is no weight: it stays the new training set's.

    Args:
        folder: of the saved stage (see affectflow.models.files).
        model: changed in place; not compiled, or not trained yet.
        settings: the new model's.
        stage: ``cnn`` or ``rnn``.

    Raises:
        InputError: the saved stage cannot be read or is another network; names the first layer
            that does not fit, with both shapes, and what would make it fit.
    """
    from affectflow.models.files import load_stage

    saved_model, saved = load_stage(folder, type(settings))
    reasons = unlike(stage, saved, settings)
    remedy = (
        f"{' and '.join(reasons)}; the same would do"
        if reasons
        else "weights of the same layers would do"
    )
    theirs, ours = _shapes(saved_model), _shapes(model)
    for name in dict.fromkeys([*ours, *theirs]):
        if theirs.get(name) != ours.get(name):
            raise InputError(
                f"{stage} cannot start from {str(folder)!r}: layer {name!r} has"
                f" {_listed(theirs, name)} there and {_listed(ours, name)} here; {remedy}"
            )
    if reasons:
        # One valence and one arousal are of one shape.
        raise InputError(f"{stage} cannot start from {str(folder)!r}: {remedy}")
    for name in ours:
        model.get_layer(name).set_weights(saved_model.get_layer(name).get_weights())


def _shapes(model: keras.Model) -> Shapes:
    """Layer -> shapes of its weights, of layers that have any."""
    return {
        layer.name: [tuple(weight.shape) for weight in layer.weights]
        for layer in model.layers
        if layer.weights
    }


def _listed(shapes: Shapes, name: str) -> str:
    if name not in shapes:
        return "no weights"
    return "weights of " + ", ".join("×".join(map(str, shape)) for shape in shapes[name])
