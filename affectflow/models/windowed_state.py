"""What a model that sees windows carries from one frame to the next, as one row of numbers.

First all that ``CarriedState`` holds, then the features of the frames that the next window begins
with, oldest first, and how many frames the run has had, up to a window. Zeros begin a run.
"""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf

from affectflow.models.carried_state import CarriedState


class Past(NamedTuple):
    """What came before some frames.

    Attributes:
        carried: [B, S'], for ``CarriedState``.
        features: [B, W − 1, D], the last frames, oldest first; zeros before the first of the run.
        seen: [B, 1], frames that the run has had, W at most.
    """

    carried: tf.Tensor
    features: tf.Tensor
    seen: tf.Tensor


class WindowedState:
    """How the numbers lie, and what follows from them.

    Args:
        carried: the state that is carried beside the frames.
        window: frames of a window, W.
        features: numbers of a frame, D.

    Attributes:
        size: numbers in all, S.
    """

    def __init__(self, carried: CarriedState, window: int, features: int):
        self._carried = carried.size
        self._shape = (window - 1, features)
        self._window = window
        self.size = carried.size + (window - 1) * features + 1

    def past(self, state: tf.Tensor) -> Past:
        """Takes a state [B, S] apart."""
        # Not -1, which cannot be told of windows of one frame.
        held = tf.reshape(state[:, self._carried : -1], [tf.shape(state)[0], *self._shape])
        return Past(state[:, : self._carried], held, state[:, -1:])

    def after(self, carried: tf.Tensor, frames: tf.Tensor, seen: tf.Tensor) -> tf.Tensor:
        """The state after some frames.

        Args:
            carried: [B, S'], the state of ``CarriedState`` after them.
            frames: [B, W − 1 + T, D], the features of the past and theirs.
            seen: [B, 1], frames of the run up to now.

        Returns:
            [B, S].
        """
        held = frames[:, tf.shape(frames)[1] - self._shape[0] :]
        flat = tf.reshape(held, [tf.shape(frames)[0], self._shape[0] * self._shape[1]])
        return tf.concat([carried, flat, tf.minimum(seen, float(self._window))], axis=-1)
