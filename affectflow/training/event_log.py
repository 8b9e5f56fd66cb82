"""TensorBoard's event files: a log, which stops no training that a full disk lets go on."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import tensorflow as tf

logger = logging.getLogger(__name__)


class EventLog:
    """Writes the logs of epochs as scalars; what cannot be written is lost, and said once.

    Args:
        folder: for the files, made if absent.
    """

    def __init__(self, folder: str | Path):
        self._folder = folder
        self._writer: tf.summary.SummaryWriter | None = None
        with self._dropping():
            self._writer = tf.summary.create_file_writer(str(folder))

    def write(self, epoch: int, logs: Mapping[str, float]) -> None:
        """Writes an epoch (0-based)."""
        if self._writer is None:
            return
        with self._dropping():
            with self._writer.as_default(step=epoch):
                for name, value in logs.items():
                    tf.summary.scalar(name, value)
            self._writer.flush()

    def close(self) -> None:
        """Ends the file."""
        if self._writer is not None:
            with self._dropping():
                self._writer.close()

    @contextmanager
    def _dropping(self) -> Iterator[None]:
        try:
            yield
        except (tf.errors.OpError, OSError) as error:
            logger.warning(
                "%s: TensorBoard's events cannot be written, and end here (%s)", self._folder, error
            )
            # A file that broke off is not gone on with.
            self._writer = None
