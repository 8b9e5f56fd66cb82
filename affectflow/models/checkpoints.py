"""Paper 0's published checkpoints: which of its networks two files hold, and those networks.

Rangulov & Fahim 2020 published a Keras 2.3 file of each stage. Weights alone do not say what they
are, so that is read off their shapes: recurrent layers make the RNN, their number and widths say
which, and the last layer's width says what is predicted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from affectflow.errors import InputError
from affectflow.models.keras2 import SavedLayer, assign, read_layers
from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.plane import LABELS

if TYPE_CHECKING:
    import keras

Settings = TypeVar("Settings", CnnSettings, RnnSettings)
_KINDS = {1: "SimpleRNN", 3: "GRU", 4: "LSTM"}
"""Recurrent layers by the number of gates, their recurrent kernel's columns in units."""

_EMOTIONS = 8
"""Width of the paper's classification head: the emotions of CK+."""


@dataclass(frozen=True)
class Checkpoint(Generic[Settings]):
    """One stage that was brought in.

    Attributes:
        path: the file.
        layers: the saved layers with weights, in order.
        settings: the shape as found; all else as the paper trained it.
        model: with the saved weights.
    """

    path: Path
    layers: Sequence[SavedLayer]
    settings: Settings
    model: keras.Model

    @property
    def parameters(self) -> int:
        """Of all layers together."""
        return sum(layer.parameters for layer in self.layers)


@dataclass(frozen=True)
class Checkpoints:
    """Both stages; they predict the same labels."""

    cnn: Checkpoint[CnnSettings]
    rnn: Checkpoint[RnnSettings]


def read_checkpoints(cnn: Path, rnn: Path, outputs: str = "both") -> Checkpoints:
    """Reads both files and builds both networks.

    Args:
        cnn, rnn: HDF5 files of Keras 2, whole models or weights alone.
        outputs: what the networks predict; with one output each, only the caller knows.

    Raises:
        InputError: a file cannot be read or holds another network (see ``keras2``), the files were
            exchanged, or their outputs are not ``outputs``.
    """
    if outputs not in ("both", *LABELS):
        raise InputError(f"outputs is {outputs!r}; both, valence or arousal would do")
    frame, sequence = _weighted(cnn), _weighted(rnn)
    if _recurrent(frame):
        raise InputError(
            f"{_file(cnn)} was given as the CNN but looks like the RNN: its layer "
            f"{_recurrent(frame)[0].name!r} is recurrent; the file of the CNN would do"
        )
    if not _recurrent(sequence):
        likeness = " but looks like the CNN" if _convolutional(sequence) else ""
        raise InputError(
            f"{_file(rnn)} was given as the RNN{likeness}: none of its layers "
            f"({_names(sequence)}) is recurrent; the file of the RNN would do"
        )
    _check_outputs(frame, cnn, sequence, rnn, outputs)
    return Checkpoints(_read_cnn(cnn, frame, outputs), _read_rnn(rnn, sequence, outputs))


def _read_cnn(path: Path, layers: list[SavedLayer], outputs: str) -> Checkpoint[CnnSettings]:
    from affectflow.models.cnn import build_cnn

    settings = CnnSettings(outputs=outputs, patience=0, tune_fraction=0.0)  # type: ignore[arg-type]
    size = settings.image_size
    shape = _input_shape(layers)
    # The weights would fit other sizes as well, to no good.
    if shape is not None and shape != [size, size, 1]:
        raise InputError(f"{_file(path)} takes images of {shape}; {[size, size, 1]} would do")
    model = build_cnn(settings)
    assign(model, layers, path)
    return Checkpoint(path, layers, settings, model)


def _read_rnn(path: Path, layers: list[SavedLayer], outputs: str) -> Checkpoint[RnnSettings]:
    from affectflow.models.rnn import build_rnn

    settings = RnnSettings(
        cell=_cell(path, layers),  # type: ignore[arg-type]
        outputs=outputs,  # type: ignore[arg-type]
        window=_window(layers),
        patience=0,
        tune_fraction=0.0,
    )
    model = build_rnn(settings)
    assign(model, layers, path)
    return Checkpoint(path, layers, settings, model)


def _cell(path: Path, layers: list[SavedLayer]) -> str:
    """The name in CELLS of the recurrent layers."""
    from affectflow.models.rnn import CELLS

    found = []
    for layer in _recurrent(layers):
        units, columns = layer.weights["recurrent_kernel"].shape
        kind = _KINDS.get(columns // units, "a recurrent layer of unknown kind")
        bias = layer.weights.get("bias")
        if kind == "GRU" and bias is not None and bias.ndim == 1 and bias.size == columns:
            raise InputError(
                f"{_file(path)}: layer {layer.name!r} is a GRU with reset_after=False (its bias is "
                f"[{columns}]), which computes something else; one with reset_after=True, whose "
                f"bias is [2, {columns}], would do"
            )
        found.append((kind, units))
    known = {name: [(kind.__name__, n) for n in units] for name, (kind, units) in CELLS.items()}
    for name, shape in known.items():
        if shape == found:
            return name
    *most, last = map(_spelled, known.values())
    raise InputError(f"{_file(path)} is {_spelled(found)}; {', '.join(most)} or {last} would do")


def _check_outputs(
    frame: list[SavedLayer], cnn: Path, sequence: list[SavedLayer], rnn: Path, outputs: str
) -> None:
    widths = {path: _width(layers, path) for path, layers in ((cnn, frame), (rnn, sequence))}
    for path, width in widths.items():
        if width == _EMOTIONS:
            raise InputError(
                f"{_file(path)} ends in {_count(width)}: the paper's classification head, which "
                "says emotions and no valence or arousal; the network with 2 outputs would do"
            )
        if width not in (1, 2):
            raise InputError(f"{_file(path)} ends in {_count(width)}; 2, or 1, would do")
    if widths[cnn] != widths[rnn]:
        raise InputError(
            f"{_file(cnn)} ends in {_count(widths[cnn])} and {_file(rnn)} in {widths[rnn]}; "
            "a CNN and an RNN that predict the same would do"
        )
    if widths[cnn] == 2 and outputs != "both":
        raise InputError(
            f"outputs is {outputs!r} but {_file(cnn)} predicts valence and arousal; both would do"
        )
    if widths[cnn] == 1 and outputs == "both":
        raise InputError(
            f"outputs is 'both' but {_file(cnn)} has one output and does not say which; valence "
            "or arousal, whichever it was trained for, would do"
        )


def _width(layers: list[SavedLayer], path: Path) -> int:
    kernel = layers[-1].weights.get("kernel")
    if kernel is None or kernel.ndim != 2 or _recurrent(layers[-1:]):
        raise InputError(
            f"{_file(path)} ends in layer {layers[-1].name!r}, which is not Dense; a network that "
            "ends in valence and arousal would do"
        )
    return int(kernel.shape[-1])


def _input_shape(layers: list[SavedLayer]) -> list[int | None] | None:
    """Of one example; None where the file does not tell."""
    shape = layers[0].config.get("batch_input_shape")
    return None if shape is None else list(shape[1:])


def _window(layers: list[SavedLayer]) -> int:
    shape = _input_shape(layers)
    # A model of any length has no window of its own.
    return RnnSettings.window if not shape or shape[0] is None else shape[0]


def _weighted(path: Path) -> list[SavedLayer]:
    return [layer for layer in read_layers(path) if layer.weights]


def _recurrent(layers: list[SavedLayer]) -> list[SavedLayer]:
    kernels = [(layer, layer.weights.get("recurrent_kernel")) for layer in layers]
    return [layer for layer, kernel in kernels if kernel is not None and kernel.ndim == 2]


def _convolutional(layers: list[SavedLayer]) -> bool:
    return any(layer.weights["kernel"].ndim == 4 for layer in layers if "kernel" in layer.weights)


def _spelled(shape: list[tuple[str, int]]) -> str:
    return " → ".join(f"{kind} {units}" for kind, units in shape)


def _names(layers: list[SavedLayer]) -> str:
    return ", ".join(layer.name for layer in layers)


def _count(width: int) -> str:
    return f"{width} output{'s' if width != 1 else ''}"


def _file(path: Path) -> str:
    return f"weights file {str(path)!r}"
