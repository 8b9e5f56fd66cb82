"""Files as Keras 2.3 wrote them, for the tests of what reads them; written by h5py alone."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np

Layers = dict[str, dict[str, np.ndarray]]
"""Layer name → path of a weight within the layer's group, without ``:0`` → array, in order."""

CNN_PARAMETERS = 1_333_706
GRU3_PARAMETERS = 204_102
CNN_CONFIG = {
    "batch_normalization_1": {"batch_input_shape": [None, 96, 96, 1], "epsilon": 0.001},
    **{
        f"conv2d_{n}": {
            "activation": "relu",
            "padding": "same" if n == 1 else "valid",
            "strides": [1, 1],
            "data_format": "channels_last",
        }
        for n in (1, 2, 3)
    },
    "dense_1": {"activation": "linear"},
    "dense_2": {"activation": "linear"},
}


def cnn_layers(seed: int = 0, outputs: int = 2) -> Layers:
    """Paper 0's CNN with random weights, its outputs of the order of 1."""
    rng = np.random.Generator(np.random.PCG64(seed))

    def kernel(*shape: int) -> np.ndarray:
        fan_in = int(np.prod(shape[:-1]))
        return (rng.normal(size=shape) / np.sqrt(fan_in)).astype(np.float32)

    def one(value: float) -> np.ndarray:
        return np.array([value], np.float32)

    norm = {"gamma": one(1.3), "beta": one(-0.2), "moving_mean": one(0.45)}
    weights = {
        "batch_normalization_1": {**norm, "moving_variance": one(0.06)},
        "conv2d_1": {"kernel": kernel(5, 5, 1, 64)},
        "max_pooling2d_1": {},
        "conv2d_2": {"kernel": kernel(5, 5, 64, 128)},
        "max_pooling2d_2": {},
        "conv2d_3": {"kernel": kernel(5, 5, 128, 256)},
        "average_pooling2d_1": {},
        "flatten_1": {},
        "dense_1": {"kernel": kernel(1024, 300), "bias": kernel(1, 300)[0]},
        "dropout_1": {},
        "dense_2": {"kernel": kernel(300, outputs), "bias": kernel(1, outputs)[0]},
    }
    return {
        layer: {f"{layer}/{name}": array for name, array in arrays.items()}
        for layer, arrays in weights.items()
    }


def rnn_layers(
    units: tuple[int, ...] = (100, 100, 50),
    outputs: int = 2,
    gates: int = 3,
    reset_after: bool = True,
    features: int = 300,
) -> Layers:
    """GRU layers, or others by their number of gates, and a Dense one, with random weights."""
    rng = np.random.Generator(np.random.PCG64(1))

    def random(*shape: int) -> np.ndarray:
        return (rng.normal(size=shape) * 0.1).astype(np.float32)

    name = {1: "simple_rnn", 3: "gru", 4: "lstm"}[gates]
    layers, width = {}, features
    for number, n in enumerate(units):
        suffix = f"_{number}" if number else ""
        cell = f"{name}{suffix}/{name}_cell{suffix}"
        layers[f"{name}{suffix}"] = {
            f"{cell}/kernel": random(width, gates * n),
            f"{cell}/recurrent_kernel": random(n, gates * n),
            f"{cell}/bias": random(*([2] if gates == 3 and reset_after else []), gates * n),
        }
        width = n
    layers["dense"] = {"dense/kernel": random(width, outputs), "dense/bias": random(outputs)}
    return layers


def write(
    path: Path, layers: Layers, config: dict | None = None, text: type = bytes, parts: int = 1
) -> Path:
    """Writes layers as ``save_weights`` did or, with a config, as ``model.save`` did.

    Args:
        config: layer → some of its settings.
        text: bytes or str, the type of the names.
        parts: attributes that the layers' names are spread over.
    """

    def names(values: list[str]) -> np.ndarray | list:
        if not values:
            # What Keras leaves for a layer without weights: an array of no floats.
            return np.array([])
        return np.array([v.encode() for v in values]) if text is bytes else values

    with h5py.File(path, "w") as file:
        root = file
        if config is not None:
            file.attrs["keras_version"] = "2.3.0-tf"
            listed = [{"config": {"name": name, **config.get(name, {})}} for name in layers]
            file.attrs["model_config"] = json.dumps(
                {"class_name": "Sequential", "config": {"name": "sequential", "layers": listed}}
            )
            root = file.create_group("model_weights")
            # Beside the weights there is the optimiser's state.
            file.create_dataset("optimizer_weights/SGD/iter:0", data=np.int64(7))
        if parts == 1:
            root.attrs["layer_names"] = names(list(layers))
        else:
            for part, chosen in enumerate(np.array_split(list(layers), parts)):
                root.attrs[f"layer_names{part}"] = names([str(name) for name in chosen])
        for layer, weights in layers.items():
            group = root.create_group(layer)
            group.attrs["weight_names"] = names([f"{name}:0" for name in weights])
            for name, array in weights.items():
                group.create_dataset(f"{name}:0", data=array)
    return path


def write_cnn(path: Path, seed: int = 0, outputs: int = 2, whole: bool = True) -> Path:
    """The CNN as a whole model, or its weights alone."""
    return write(path, cnn_layers(seed, outputs), CNN_CONFIG if whole else None)


def write_rnn(path: Path, layers: Layers | None = None) -> Path:
    """Weights of an RNN alone; GRU-3 if not given."""
    return write(path, rnn_layers() if layers is None else layers)


def write_both(folder: Path) -> Path:
    """Writes ``cnn.h5`` and ``rnn.h5``; gives the folder."""
    write_cnn(folder / "cnn.h5")
    write_rnn(folder / "rnn.h5")
    return folder
