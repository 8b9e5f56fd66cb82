"""What a sequence model carries from one frame to the next, as one row of numbers.

The states of the recurrent layers in order and, for a model of the next frame, what it said last
and whether it has said anything yet. Zeros begin a run.
"""

from __future__ import annotations

import tensorflow as tf


class CarriedState:
    """How the numbers lie, and what follows from them.

    A model of the next frame says at step t what frame t + 1 is, so its outputs move one on; the
    first frame of a run, which no step foretells, takes the first step's.

    Args:
        hidden: numbers of all recurrent layers together, H.
        outputs: labels that are predicted, o.
        label: what the windows were labelled by, ``next`` or ``last``.

    Attributes:
        moves_on: whether outputs move one frame on.
        size: numbers in all, S.
    """

    def __init__(self, hidden: int, outputs: int, label: str):
        self._hidden = hidden
        self.moves_on = label == "next"
        self.size = hidden + (outputs + 1 if self.moves_on else 0)

    def hidden(self, state: tf.Tensor) -> tf.Tensor:
        """The layers' own: [B, S] → [B, H]."""
        return state[:, : self._hidden]

    def first(self, state: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        """Where outputs move on, what the first frame after ``state`` is.

        Args:
            state: [B, S].
            outputs: of the step of that frame, [B, o].

        Returns:
            [B, o]: what was said last, or, where a run begins, this step's own.
        """
        last, begun = state[:, self._hidden : -1], state[:, -1:]
        return begun * last + (1.0 - begun) * outputs

    def after(self, hidden: tf.Tensor, outputs: tf.Tensor) -> tf.Tensor:
        """The state after a step: its layers' [B, H] and outputs [B, o] → [B, S]."""
        if not self.moves_on:
            return hidden
        return tf.concat([hidden, outputs, tf.ones_like(outputs[:, :1])], axis=-1)
