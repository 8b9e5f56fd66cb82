"""Weights that Keras 2 saved as HDF5, and their way into a model of Keras 3.

Both of Keras 2's layouts are read: a whole model (``model.save``: group ``model_weights`` beside
the attribute ``model_config``) and weights alone (``save_weights``: the same, at the root). A
group's attribute ``layer_names`` lists the layers in order, and ``weight_names`` of each layer its
weights' paths. Layers find each other by their order, because Keras numbers names by how many
layers a process made before; weights of a layer find each other by the last part of their name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from affectflow.errors import InputError

if TYPE_CHECKING:
    import keras

_WEIGHTS, _CONFIG, _LAYERS, _NAMES = "model_weights", "model_config", "layer_names", "weight_names"
_CHECKED = (
    "activation",
    "recurrent_activation",
    "go_backwards",
    "padding",
    "strides",
    "data_format",
    "epsilon",
)
"""What changes a layer's outputs and shows in no shape; compared where the file tells it."""


@dataclass(frozen=True)
class SavedLayer:
    """A layer as it was saved.

    Attributes:
        name: Keras' own, such as ``conv2d_1``.
        weights: the last part of a weight's name, such as ``kernel`` → float32 array; empty for a
            layer without weights.
        config: the layer's settings as JSON values; empty where weights alone were saved.
    """

    name: str
    weights: Mapping[str, np.ndarray]
    config: Mapping[str, Any]

    @property
    def parameters(self) -> int:
        """How many numbers it holds, those of its statistics included."""
        return sum(array.size for array in self.weights.values())


def read_layers(path: Path) -> list[SavedLayer]:
    """The layers of a saved model in order, those without weights included.

    Raises:
        InputError: the file is absent, not HDF5, cut short or damaged, holds no layers or no
            weights, or points to other files for them, or a layer has two weights of one name or
            one that is not of finite numbers.
    """
    _check_kind(path)
    try:
        # Nothing is written, and file systems without locks refuse HDF5's own.
        with h5py.File(path, "r", locking=False) as file:
            stored = _own(file, _WEIGHTS, path) if _WEIGHTS in file else file
            if not isinstance(stored, h5py.Group) or not _has(stored.attrs, _LAYERS):
                raise InputError(
                    f"weights file {str(path)!r} is HDF5 but lists no layers of Keras 2 (it holds "
                    f"{', '.join(file) or 'nothing'}); what model.save or save_weights of Keras 2 "
                    "wrote would do"
                )
            configs = _configs(file.attrs.get(_CONFIG))
            layers = [
                SavedLayer(
                    name, _weights(_own(stored, name, path), name, path), configs.get(name, {})
                )
                for name in _texts(stored.attrs, _LAYERS)
            ]
    except (OSError, KeyError, RuntimeError, ValueError, AttributeError, TypeError) as error:
        # h5py has no type of its own for what it cannot read.
        raise InputError(
            f"weights file {str(path)!r} is cut short or damaged: {error}; a whole copy would do"
        ) from error
    if not any(layer.weights for layer in layers):
        raise InputError(
            f"weights file {str(path)!r} has {len(layers)} layers and no weights in them; a file "
            "saved after the model was built would do"
        )
    return layers


def assign(model: keras.Model, layers: Sequence[SavedLayer], path: Path) -> None:
    """Gives a model the saved weights; all of them, or none if they do not fit.

    Args:
        model: built; its layers with weights are in the saved ones' order.
        layers: as :func:`read_layers` gives them.
        path: the file, for messages.

    Raises:
        InputError: another number of layers with weights; a weight is missing, unexpected or of
            another shape; or a setting that changes what a layer does is another.
    """
    theirs = [layer for layer in layers if layer.weights]
    ours = [layer for layer in model.layers if layer.weights]
    if len(theirs) != len(ours):
        raise InputError(
            f"weights file {str(path)!r} has {len(theirs)} layers with weights "
            f"({', '.join(layer.name for layer in theirs)}); {len(ours)} would do: "
            f"{', '.join(type(layer).__name__ for layer in ours)}"
        )
    pairs = [pair for own, saved in zip(ours, theirs) for pair in _pairs(own, saved, path)]
    for variable, value in pairs:
        variable.assign(value)


def _pairs(own: Any, saved: SavedLayer, path: Path) -> Iterator[tuple[Any, np.ndarray]]:
    """Each variable of a layer with its saved value."""
    where = f"weights file {str(path)!r}: layer {saved.name!r}"
    variables = {variable.name: variable for variable in own.weights}
    wanted = f"{', '.join(variables)} of a {type(own).__name__} would do"
    if missing := [name for name in variables if name not in saved.weights]:
        raise InputError(
            f"{where} lacks {' and '.join(missing)} and has {', '.join(saved.weights)}; {wanted}"
        )
    if unexpected := [name for name in saved.weights if name not in variables]:
        raise InputError(f"{where} has {' and '.join(unexpected)}, too; {wanted}")
    for name, variable in variables.items():
        value = saved.weights[name]
        if value.shape != tuple(variable.shape):
            raise InputError(
                f"{where}: {name} is {list(value.shape)}; {list(variable.shape)} would do"
            )
        yield variable, value
    config = own.get_config()
    for name in _CHECKED:
        if name in config and name in saved.config:
            found, needed = _plain(saved.config[name]), _plain(config[name])
            if found != needed:
                raise InputError(f"{where}: {name} is {found!r}; {needed!r} would do")


def _plain(value: Any) -> Any:
    # JSON knows no tuples.
    return list(value) if isinstance(value, tuple) else value


def _check_kind(path: Path) -> None:
    name = f"weights file {str(path)!r}"
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise InputError(
            f"{name} cannot be read: {error.strerror or error}; an HDF5 file (.h5, .hdf5) would do"
        ) from error
    if not h5py.is_hdf5(path):
        raise InputError(
            f"{name} is not HDF5 (it begins with {head!r}); an .h5 or .hdf5 file that Keras 2 "
            "saved would do"
        )


def _weights(group: h5py.Group, layer: str, path: Path) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for stored in _texts(group.attrs, _NAMES):
        # ``gru/gru_cell/kernel:0`` is "kernel", however deep Keras has put it.
        name = stored.rpartition("/")[2].partition(":")[0]
        where = f"weights file {str(path)!r}: layer {layer!r}"
        if name in found:
            raise InputError(
                f"{where} has more than one {name} ({', '.join(_texts(group.attrs, _NAMES))}); "
                "a layer that holds no other layers would do"
            )
        value = np.asarray(_own(group, stored, path))
        numbers = np.issubdtype(value.dtype, np.floating) and value.size > 0
        if not numbers or not np.isfinite(value).all():
            raise InputError(f"{where}: {name} is not of finite numbers; a trained one would do")
        found[name] = value.astype(np.float32)
    return found


def _own(group: h5py.Group, name: str, path: Path) -> h5py.Group | h5py.Dataset:
    """What lies in the file itself under a name.

    HDF5 can point elsewhere, to any file that this process may read: its content would pass for
    weights, and be released.
    """
    found = group
    for part in name.split("/"):
        link = found.get(part, getlink=True)
        if link is None:
            raise KeyError(f"{name!r} is not in {group.name}")
        if not isinstance(link, h5py.HardLink):
            raise InputError(
                f"weights file {str(path)!r}: {part!r} in {found.name} is a link to elsewhere"
                f" ({type(link).__name__}); a file that holds its weights itself would do"
            )
        found = found[part]
    if isinstance(found, h5py.Dataset) and (found.external or found.is_virtual):
        raise InputError(
            f"weights file {str(path)!r}: {found.name} keeps its numbers in other files; a file"
            " that holds its weights itself would do"
        )
    return found


def _configs(text: str | bytes | None) -> dict[str, dict[str, Any]]:
    """Layer name → settings, from the JSON of ``model_config``; empty for weights alone."""
    if text is None:
        return {}
    config = json.loads(text)["config"]
    # Up to Keras 2.2.2 a Sequential's config is the list of its layers itself.
    layers = config["layers"] if isinstance(config, dict) else config
    return {layer["config"]["name"]: layer["config"] for layer in layers}


def _has(attributes: h5py.AttributeManager, name: str) -> bool:
    return name in attributes or f"{name}0" in attributes


def _texts(attributes: h5py.AttributeManager, name: str) -> list[str]:
    """A list of names; Keras splits one that is too long for an attribute into name0, name1, …"""
    parts = [name] if name in attributes else []
    while f"{name}{len(parts)}" in attributes:
        parts.append(f"{name}{len(parts)}")
    return [
        text.decode("utf-8") if isinstance(text, bytes) else str(text)
        for part in parts
        for text in attributes[part]
    ]
