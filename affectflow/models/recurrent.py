"""The LSTM layer of the clip networks."""

from __future__ import annotations

from collections.abc import Iterator

import keras


def lstm(
    units: int, seeds: Iterator[int], name: str, return_sequences: bool = False
) -> keras.layers.LSTM:
    """An LSTM whose initial weights are seeded: [B, T, D] -> [B, units], or [B, T, units].

    It computes in float32 under mixed precision too: it is the convolutions before it that cost
    the time, and a state that is carried through 75 frames adds up its rounding.
    """
    return keras.layers.LSTM(
        units,
        return_sequences=return_sequences,
        kernel_initializer=keras.initializers.GlorotUniform(seed=next(seeds)),
        recurrent_initializer=keras.initializers.Orthogonal(seed=next(seeds)),
        dtype="float32",
        name=name,
    )
