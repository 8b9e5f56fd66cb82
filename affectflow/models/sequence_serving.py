"""The served sequence model: features of a gap-free run to an output for every frame.

There are two ways to run a model that was trained on windows:

* ``windowed``: a frame's output is what the window that ends at it comes to, from a state of zeros,
  as in training. The first frames of a run, which have no whole window, have what there is. Each
  frame costs a window's steps.
* ``carried``: the state is carried over the whole run, so that each frame costs one step and is
  told by all before it. After its first window the model is in states that it was not trained in.

With next-frame labels either output belongs to the frame after the window, or after the step.
"""

from __future__ import annotations

import keras
import tensorflow as tf

from affectflow.models.carried_state import CarriedState
from affectflow.models.rnn import carried_model
from affectflow.models.settings import STATES
from affectflow.models.windowed_state import WindowedState

_WINDOWS = 256
"""Windows that are computed at a time: 30 MB of 100 frames each."""


class SequenceServing(tf.Module):
    """A run's features to its outputs, whole or in parts, with the same numbers.

    Row t of the outputs is of frame t, also of a model of the next frame (``CarriedState``).

    Args:
        rnn: a trained sequence model.
        label: what its windows were labelled by, ``next`` or ``last``.
        state: ``windowed`` or ``carried``, as above.

    Attributes:
        state_size: S, numbers that are handed from one part of a run to the next.

    Raises:
        ValueError: ``state`` is neither.
    """

    def __init__(self, rnn: keras.Model, label: str, state: str):
        super().__init__(name="sequence_serving")
        if state not in STATES:
            raise ValueError(f"state is {state!r}; {' or '.join(STATES)} would do")
        self._rnn = rnn
        self._carried = carried_model(rnn)
        outputs, hidden = (int(tensor.shape[-1]) for tensor in self._carried.output)
        self._state = CarriedState(hidden, outputs, label)
        _, self._window, features = rnn.input.shape
        self._windowed = (
            WindowedState(self._state, self._window, features) if state == "windowed" else None
        )
        self.state_size = (self._windowed or self._state).size
        self.stream = tf.function(
            self._stream,
            input_signature=[
                tf.TensorSpec([None, None, features], tf.float32, name="features"),
                tf.TensorSpec([None, self.state_size], tf.float32, name="state"),
            ],
        )
        self.outputs = tf.function(self._outputs, input_signature=[self.stream.input_signature[0]])

    def _outputs(self, features: tf.Tensor) -> tf.Tensor:
        """A whole run: float32 [B, T, D] → float32 [B, T, outputs], row t of frame t."""
        return self._stream(features, tf.zeros([tf.shape(features)[0], self.state_size]))[0]

    def _stream(self, features: tf.Tensor, state: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The next T ≥ 1 frames of a run: [B, T, D], [B, S] → [B, T, outputs], [B, S].

        A state of zeros begins a run.
        """
        if self._windowed is None:
            outputs, hidden = self._carried([features, self._state.hidden(state)], training=False)
            return self._told(state, hidden, outputs)
        past = self._windowed.past(state)
        # Up to its first whole window a run is the window.
        outputs, hidden = self._carried(
            [features, self._state.hidden(past.carried)], training=False
        )
        frames = tf.concat([past.features, features], axis=1)
        seen = past.seen + tf.range(1.0, tf.cast(tf.shape(features)[1], tf.float32) + 1.0)
        whole = (seen > self._window)[..., tf.newaxis]
        outputs = tf.where(whole, self._by_window(frames), outputs)
        outputs, carried = self._told(past.carried, hidden, outputs)
        return outputs, self._windowed.after(carried, frames, seen[:, -1:])

    def _told(
        self, before: tf.Tensor, hidden: tf.Tensor, outputs: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The outputs at the frames that they speak of, and the carried state after them."""
        after = self._state.after(hidden, outputs[:, -1])
        if self._state.moves_on:
            first = self._state.first(before, outputs[:, 0])
            outputs = tf.concat([first[:, tf.newaxis], outputs[:, :-1]], axis=1)
        return outputs, after

    def _by_window(self, frames: tf.Tensor) -> tf.Tensor:
        """What every window comes to: [B, W − 1 + T, D] → [B, T, outputs]."""
        batch, length = tf.shape(frames)[0], tf.shape(frames)[1]
        steps = length - self._window + 1
        flat = tf.reshape(frames, [-1, frames.shape[-1]])
        starts = tf.reshape(tf.range(batch)[:, tf.newaxis] * length + tf.range(steps), [-1])
        # In groups of one size: all windows of a long video at once would be a hundred times it.
        count = batch * steps
        group = tf.minimum(_WINDOWS, count)
        groups = -(-count // group)
        starts = tf.reshape(tf.pad(starts, [[0, groups * group - count]]), [groups, group])

        def of_group(starts: tf.Tensor) -> tf.Tensor:
            rows = starts[:, tf.newaxis] + tf.range(self._window)
            return self._rnn(tf.gather(flat, rows), training=False)

        outputs = int(self._rnn.output.shape[-1])
        found = tf.map_fn(
            of_group, starts, fn_output_signature=tf.TensorSpec([None, outputs], tf.float32)
        )
        return tf.reshape(tf.reshape(found, [-1, outputs])[:count], [batch, steps, outputs])
