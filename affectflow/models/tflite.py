"""The served models as one TFLite file: a decoded crop and a state to that frame's labels.

Only TFLite's own operations, so that the file runs on a phone without TensorFlow's (the Flex
delegate). What the images are made of is ``affectflow.images.ops``'s own code; the two steps of it
that TFLite has no operation for, resizing and counting levels, are given to it in
another form.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
import tensorflow as tf

from affectflow.errors import InputError
from affectflow.images.ops import RESIZES, Resize, equalise_histogram, square_image, unit_range
from affectflow.images.settings import ImageSettings, require_grey
from affectflow.models.carried_state import CarriedState
from affectflow.models.cnn import build_cnn, feature_model
from affectflow.models.rnn import build_rnn
from affectflow.models.settings import CnnSettings, RnnSettings
from affectflow.models.windowed_state import WindowedState

SIGNATURE = "step"
MODEL_FILE = "model.tflite"
"""What the file is called in a release."""


def export_tflite(
    cnn: keras.Model,
    cnn_settings: CnnSettings,
    rnn: keras.Model,
    rnn_settings: RnnSettings,
    state: str,
    image: ImageSettings,
    crop_size: int,
    path: Path,
) -> None:
    """Writes both stages as one TFLite file, whose only signature ``step`` takes a frame.

    Inputs: ``face`` uint8 [1, crop_size, crop_size, 3], the aligned crop, decoded, RGB; ``state``
    float32 [1, S], of zeros where a run begins, else what the frame before gave. Outputs: each
    label float32 [1], and ``state`` float32 [1, S].

    Frame by frame it says what ``affectflow.models.serving`` says of the whole run, within 1e-3; a
    windowed model does a window's steps for each. A model trained in mixed precision computes in
    float32 here, with the same weights.

    Args:
        cnn, rnn: as ``build_cnn`` and ``build_rnn`` make them.
        cnn_settings, rnn_settings: what they were made by; their ``outputs`` are the same.
        state: how the RNN is run, ``windowed`` or ``carried`` (see ``sequence_serving``).
        image: of the images that the CNN was trained on.
        crop_size: side of the crops in pixels.
        path: the file; its folder is made if absent.

    Raises:
        InputError: sizes or outputs that do not fit each other, or images of colour; nothing is
            written.
    """
    _check(cnn_settings, rnn_settings, image, crop_size)
    step = _Step(
        feature_model(_float32_cnn(cnn, cnn_settings)),
        _float32_rnn(rnn, rnn_settings),
        rnn_settings,
        state,
        image,
        crop_size,
    )
    with TemporaryDirectory(prefix="affectflow-tflite-") as folder:
        # By way of a SavedModel: a conversion from memory names the signature itself.
        tf.saved_model.save(step, folder, signatures={SIGNATURE: step.step})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder, signature_keys=[SIGNATURE])
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
        content = converter.convert()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


class _Step(tf.Module):
    """One frame of a run: ``SequenceServing.stream`` for T = 1, with the same state."""

    def __init__(
        self,
        features: keras.Model,
        rnn: keras.Model,
        settings: RnnSettings,
        state: str,
        image: ImageSettings,
        crop_size: int,
    ):
        super().__init__(name="affectflow_step")
        self._features = features
        self._rnn = rnn
        # The converter aborts on variables that it meets only inside of Keras 3's.
        self._weights = [v.value for v in features.variables + rnn.variables]
        self._labels = settings.label_names
        self._image = image
        self._resize = _resize_by_matrices(crop_size, RESIZES[image.resize])
        layers = [layer for layer in rnn.layers if isinstance(layer, keras.layers.RNN)]
        self._units = [layer.units for layer in layers]
        self._state = CarriedState(sum(self._units), len(self._labels), settings.label)
        _, self._window, width = rnn.input.shape
        self._windowed = (
            WindowedState(self._state, self._window, width) if state == "windowed" else None
        )
        self.step = tf.function(
            self._step,
            input_signature=[
                tf.TensorSpec([1, crop_size, crop_size, 3], tf.uint8, name="face"),
                tf.TensorSpec([1, (self._windowed or self._state).size], tf.float32, name="state"),
            ],
        )

    def _step(self, face: tf.Tensor, state: tf.Tensor) -> dict[str, tf.Tensor]:
        features = self._features(unit_range(self._images(face)), training=False)
        if self._windowed is None:
            outputs, hidden = self._recur(features, self._state.hidden(state))
            outputs, after = self._told(state, hidden, outputs)
        else:
            past = self._windowed.past(state)
            outputs, hidden = self._recur(features, self._state.hidden(past.carried))
            window = tf.concat([past.features, features[:, tf.newaxis]], axis=1)
            seen = past.seen + 1.0
            whole = tf.cast(seen > self._window, tf.float32)
            outputs = whole * self._of_window(window[0]) + (1.0 - whole) * outputs
            outputs, carried = self._told(past.carried, hidden, outputs)
            after = self._windowed.after(carried, window, seen)
        labels = {name: outputs[:, column] for column, name in enumerate(self._labels)}
        return {"state": after, **labels}

    def _images(self, face: tf.Tensor) -> tf.Tensor:
        """uint8 [1, crop_size, crop_size, 3] → uint8 [1, image_size, image_size, 1]."""
        # Halves are rounded to even here as there: TFLite's ROUND is tf.round, not C's.
        image = square_image(face[0], self._image, self._resize)
        if self._image.equalise == "histogram":
            image = equalise_histogram(image, _counts_by_product)
        return image[tf.newaxis]

    def _told(
        self, before: tf.Tensor, hidden: tf.Tensor, outputs: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The outputs of the frame at hand, and the carried state after it."""
        after = self._state.after(hidden, outputs)
        return (self._state.first(before, outputs) if self._state.moves_on else outputs), after

    def _of_window(self, window: tf.Tensor) -> tf.Tensor:
        """What a window [W, 300] comes to, from a state of zeros: [1, outputs]."""

        def step(at: tf.Tensor, hidden: tf.Tensor, _: tf.Tensor) -> tuple:
            outputs, hidden = self._recur(tf.gather(window, [at]), hidden)
            return at + 1, hidden, outputs

        # Of plain tensors, for which TFLite has a loop of its own.
        _, _, outputs = tf.while_loop(
            lambda at, *_: at < self._window,
            step,
            (0, tf.zeros([1, sum(self._units)]), tf.zeros([1, len(self._labels)])),
        )
        return outputs

    def _recur(self, features: tf.Tensor, hidden: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """[1, 300] and the layers' states [1, H] → outputs and states after, by the cells alone.

        A layer would bring a loop over time, for which TFLite has no operation on lists of tensors.
        """
        states = iter(tf.split(hidden, self._units, axis=-1))
        after = []
        # The layers were built for sequences, and the scale's constants have the axis of time.
        x = features[:, tf.newaxis]
        for layer in self._rnn.layers:
            if isinstance(layer, keras.layers.RNN):
                y, (state,) = layer.cell(x[:, 0], [next(states)], training=False)
                after.append(state)
                x = y[:, tf.newaxis]
            elif not isinstance(layer, keras.layers.InputLayer):
                x = layer(x, training=False)
        return x[:, 0], tf.concat(after, axis=-1)


def _resize_by_matrices(side: int, resized: Resize) -> Resize:
    """A way of resizing of ``images.ops``, for square images of a side, as two matrix products.

    Each is linear and treats rows and columns alike. So what it makes of the identity's columns is
    a matrix A that does to any columns what it does, and A · image · Aᵀ is the resized image.
    """

    def resize(image: tf.Tensor, size: tuple[int, int]) -> tf.Tensor:
        # Constants: the converter folds all this into the two matrices, whatever their size.
        identity = tf.eye(side)[..., tf.newaxis]
        down, across = (resized(identity, (length, side))[..., 0] for length in size)
        return tf.matmul(down @ image[..., 0], across, transpose_b=True)[..., tf.newaxis]

    return resize


def _counts_by_product(levels: tf.Tensor) -> tf.Tensor:
    """``images.ops.cumulative_counts`` as a matrix product; TFLite has no histogram.

    A level is two hexadecimal digits, and how often each pair of them occurs is the product of
    their one-hot matrices: an eighth of the time of comparing each pixel with each level. Counts
    are exact in float32 up to 2²⁴ pixels.
    """
    first, second = (tf.one_hot(digit, 16) for digit in (levels // 16, levels % 16))
    counts = tf.reshape(tf.matmul(first, second, transpose_a=True), [256])
    return tf.cumsum(tf.cast(counts, tf.int32))


def _float32_cnn(cnn: keras.Model, settings: CnnSettings) -> keras.Model:
    """The model, or one of the same weights that computes in float32."""
    if settings.mixed_precision == "none":
        return cnn
    twin = build_cnn(replace(settings, mixed_precision="none"))
    twin.set_weights(cnn.get_weights())
    return twin


def _float32_rnn(rnn: keras.Model, settings: RnnSettings) -> keras.Model:
    """The model, or one of the same weights that computes in float32."""
    if settings.mixed_precision == "none":
        return rnn
    mean = variance = None
    if settings.normalize == "features":
        scale = rnn.get_layer("scale")
        mean, variance = np.ravel(scale.mean), np.ravel(scale.variance)
    twin = build_rnn(
        replace(settings, mixed_precision="none"), int(rnn.input.shape[-1]), mean, variance
    )
    twin.set_weights(rnn.get_weights())
    return twin


def _check(cnn: CnnSettings, rnn: RnnSettings, image: ImageSettings, crop_size: int) -> None:
    require_grey(image.channels, "the TFLite file")
    if image.image_size != cnn.image_size:
        raise InputError(
            f"image_size of the images is {image.image_size} but the CNN's is {cnn.image_size};"
            " equal ones would do"
        )
    if rnn.outputs != cnn.outputs:
        raise InputError(
            f"outputs of the RNN is {rnn.outputs!r} but the CNN's is {cnn.outputs!r};"
            " equal ones would do"
        )
    if crop_size < 1:
        raise InputError(f"crop_size is {crop_size}; the crops' side in pixels would do, 1 or more")
