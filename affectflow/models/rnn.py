"""Paper 0's sequence models: a window of frame features to valence and arousal."""

from __future__ import annotations

import keras
import numpy as np
from keras import ops

from affectflow.models.settings import RnnSettings
from affectflow.models.xla import without_xla

CELLS: dict[str, tuple[type[keras.layers.RNN], tuple[int, ...]]] = {
    "gru3": (keras.layers.GRU, (100, 100, 50)),
    "gru1": (keras.layers.GRU, (100,)),
    "simple1": (keras.layers.SimpleRNN, (100,)),
    "gru10": (keras.layers.GRU, (10,)),
    "gru10_10_5": (keras.layers.GRU, (10, 10, 5)),
}
"""Recurrent layer and units of each layer, by the name that ``RnnSettings.cell`` takes.

The first three are paper 0's. The last two are paper 1's RNN(10) and RNN(10, 10, 5): it speaks of
fewer units in the layers of paper 0's best model, which are GRUs."""


def build_rnn(
    settings: RnnSettings,
    feature_dim: int = 300,
    feature_mean: np.ndarray | None = None,
    feature_variance: np.ndarray | None = None,
) -> keras.Model:
    """The RNN of Rangulov & Fahim 2020 on windows; an output a window.

    Parameters at 300 features and two outputs: SimpleRNN 40 302, GRU-1 120 802, GRU-3 204 102.
    Weights from the paper's Keras 2.3 checkpoints load by ``load_weights``.

    Args:
        settings: cell, window, outputs, precision, and the seed of the initial weights.
        feature_dim: length of a frame's feature vector, D.
        feature_mean, feature_variance: [D], of the training set; needed when
            ``settings.normalize`` is ``features``, else not used. They are constants of the model,
            not weights.

    Returns:
        float32 [B, window, D] -> float32 [B, outputs].

    Raises:
        ValueError: normalisation is asked for without statistics.
    """
    layer, units = CELLS[settings.cell]
    policy = settings.dtype_policy
    name = "gru" if layer is keras.layers.GRU else "simple_rnn"
    seeds = iter(np.random.SeedSequence(settings.seed).generate_state(2 * len(units) + 1) >> 1)

    window = keras.Input((settings.window, feature_dim), name="features", dtype="float32")
    x = window
    if settings.normalize == "features":
        if feature_mean is None or feature_variance is None:
            raise ValueError("normalize='features' needs feature_mean and feature_variance")
        x = keras.layers.Normalization(
            mean=np.asarray(feature_mean, np.float32),
            variance=np.asarray(feature_variance, np.float32),
            dtype="float32",
            name="scale",
        )(x)
    for number, width in enumerate(units):
        x = layer(
            width,
            return_sequences=number + 1 < len(units),
            kernel_initializer=keras.initializers.GlorotUniform(seed=int(next(seeds))),
            recurrent_initializer=keras.initializers.Orthogonal(seed=int(next(seeds))),
            dtype=policy,
            name=name if number == 0 else f"{name}_{number}",
        )(x)
    output = keras.layers.Dense(
        len(settings.label_names),
        kernel_initializer=keras.initializers.GlorotUniform(seed=int(next(seeds))),
        dtype="float32",
        name="dense",
    )(x)
    return without_xla(keras.Model(window, output, name="rnn"))


def carried_model(rnn: keras.Model) -> keras.Model:
    """The same RNN, sharing its weights, with an output at every step and its state let out.

    A run of any length may come in parts, the state of one given to the next; it costs its length
    once, where windows of 100 would cost it a hundred times. From a state of zeros the output at
    step ``window − 1`` is the window model's. With next-frame labels the output at step t belongs
    to frame t + 1.

    Returns:
        [float32 [B, T, D], state float32 [B, S]] -> [float32 [B, T, outputs], state [B, S]];
        S is the units of all layers together.
    """
    units = [layer.units for layer in rnn.layers if isinstance(layer, keras.layers.RNN)]
    run = keras.Input((None, rnn.input.shape[-1]), name="features", dtype="float32")
    state = keras.Input((sum(units),), name="state", dtype="float32")
    x, after, begin = run, [], 0
    for layer in rnn.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if isinstance(layer, keras.layers.RNN):
            before = ops.cast(state[:, begin : begin + layer.units], layer.compute_dtype)
            begin += layer.units
            x, hidden = _at_every_step(layer)(x, initial_state=[before])
            after.append(ops.cast(hidden, "float32"))
        else:
            x = layer(x)
    return without_xla(
        keras.Model([run, state], [x, ops.concatenate(after, axis=-1)], name="rnn_carried")
    )


def _at_every_step(layer: keras.layers.RNN) -> keras.layers.RNN:
    """The layer with an output a step. Its cell, which holds the weights, is the same object.

    The layer's own class is kept, rather than ``keras.layers.RNN(cell)``, because only GRU itself
    runs on cuDNN.
    """
    config = {**layer.get_config(), "return_sequences": True, "return_state": True}
    twin = type(layer).from_config(config)
    twin.cell = layer.cell
    return twin
