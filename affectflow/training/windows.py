"""Windows of consecutive frames, cut while training.

A window never crosses a gap, and is never stored: at stride 1 the windows of 100 frames are 100
copies of the features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from affectflow.errors import InputError
from affectflow.models.settings import RnnSettings
from affectflow.training.order import epoch_batches, epoch_steps


class WindowIndex(NamedTuple):
    """Where windows begin and which frame labels each, as rows of the runs laid end to end."""

    starts: np.ndarray
    targets: np.ndarray


def window_starts(
    run_lengths: Sequence[int], window: int, label: str, stride: int = 1
) -> WindowIndex:
    """Every window of gap-free runs.

    Args:
        run_lengths: frames of each run.
        window: frames a window.
        label: ``next``, the frame after the window (paper 0: label index t + 100), or ``last``,
            the window's last frame.
        stride: frames between the starts of two windows of one run.

    Returns:
        starts, targets: int64 [windows]. A run of T frames has ceil((T − window) / stride) windows
        for ``next`` and ceil((T − window + 1) / stride) for ``last``; a short one has none.

    Raises:
        ValueError: ``label`` is neither.
    """
    if label not in ("next", "last"):
        raise ValueError(f"label is {label!r}; next or last would do")
    reach = window if label == "next" else window - 1
    ends = np.cumsum(np.asarray(run_lengths, np.int64))
    starts = [
        np.arange(end - length, end - reach, stride, dtype=np.int64)
        for end, length in zip(ends, run_lengths)
    ]
    joined = np.concatenate(starts) if starts else np.zeros(0, np.int64)
    return WindowIndex(joined, joined + reach)


class WindowData:
    """The windows of a set of gap-free runs that have a label.

    Args:
        runs: (features float [T, D], labels float [T, 2] (valence, arousal) with NaN where there is
            no label) of each run; T may differ.
        settings: window, label, stride, outputs, batch, steps, seed.

    Attributes:
        count: windows whose label is whole (for every output that the settings ask for).
        features: float32 [N, D], the runs laid end to end.

    Raises:
        InputError: no window has a label.
    """

    def __init__(
        self,
        runs: Sequence[tuple[np.ndarray, np.ndarray]],
        settings: RnnSettings,
    ):
        self.settings = settings
        lengths = [len(features) for features, _ in runs]
        index = window_starts(lengths, settings.window, settings.label, settings.stride)
        if index.starts.size:
            labels = np.concatenate([labels for _, labels in runs]).astype(np.float32)
            labels = labels[index.targets][:, list(settings.label_columns)]
            labelled = ~np.isnan(labels).any(axis=1)
            index = WindowIndex(index.starts[labelled], index.targets[labelled])
            labels = labels[labelled]
        self.count = len(index.starts)
        if self.count == 0:
            raise InputError(
                f"window is {settings.window}, but none of the {len(runs)} runs (the longest has "
                f"{max(lengths, default=0)} frames) holds such a window with a label; a shorter "
                "window or longer runs would do"
            )
        self.features = np.concatenate([features for features, _ in runs]).astype(
            np.float32, copy=False
        )
        # Captured by the graphs of every epoch by reference, and on the host whatever the device.
        with tf.device("/CPU:0"):
            self._features = tf.constant(self.features)
            self._labels = tf.constant(labels)
            self._starts = tf.constant(index.starts)

    @property
    def steps(self) -> int:
        """Batches in a training epoch."""
        s = self.settings
        return epoch_steps(self.count, s.batch_size, s.steps_per_epoch)

    def train(self, epoch: int) -> tf.data.Dataset:
        """One epoch, shuffled by (seed, epoch), whole batches only.

        Returns:
            (features float32 [batch, window, D], label float32 [batch, outputs]), ``steps`` times.
        """
        s = self.settings
        order = epoch_batches(self.count, s.batch_size, s.steps_per_epoch, s.seed, epoch)
        return self._gathered(tf.data.Dataset.from_tensor_slices(order))

    def _gathered(self, numbers: tf.data.Dataset) -> tf.data.Dataset:
        offsets = tf.range(self.settings.window, dtype=tf.int64)

        def gather(batch: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            rows = tf.gather(self._starts, batch)[:, None] + offsets
            return tf.gather(self._features, rows), tf.gather(self._labels, batch)

        # Two batches ahead are enough to hide a copy, and a batch of windows is some 30 MB.
        return numbers.map(gather, num_parallel_calls=2).prefetch(2)
