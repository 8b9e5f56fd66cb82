"""Judges a sequence model on whole runs, by the outputs that it will be released with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import keras
import numpy as np

from affectflow import progress
from affectflow.errors import InputError
from affectflow.models.losses import loss_for, metrics_for
from affectflow.models.sequence_serving import SequenceServing
from affectflow.models.settings import RnnSettings
from affectflow.training.fit import Logs

_FRAMES = 1 << 15
"""Frames that are held at a time, 40 MB of features; a longer run is a batch of its own."""


class RunJudge:
    """What an epoch's model says of every labelled frame of some runs, as it will be used.

    Epochs that are compared by what windows come to may rank otherwise than the released model's
    outputs do: a model whose state is carried is asked in states that no window has.

    Args:
        runs: (features float [T, D], labels float [T, 2] (valence, arousal) with NaN where there is
            no label) of each gap-free run; T may differ.
        settings: label, outputs, loss.
        state: ``windowed`` or ``carried`` (see affectflow.models.sequence_serving).

    Attributes:
        count: frames whose label is whole (for every output that the settings ask for).

    Raises:
        InputError: no frame has a label.
    """

    def __init__(
        self,
        runs: Sequence[tuple[np.ndarray, np.ndarray]],
        settings: RnnSettings,
        state: str,
    ):
        self._settings = settings
        self._state = state
        columns = list(settings.label_columns)
        kept = [(f, labels[:, columns].astype(np.float32)) for f, labels in runs]
        known = [~np.isnan(labels).any(axis=1) for _, labels in kept]
        self.count = sum(int(rows.sum()) for rows in known)
        if self.count == 0:
            raise InputError(
                f"none of the {len(runs)} runs that judge epochs has a labelled frame; labels of"
                f" {' and '.join(settings.label_names)} would do"
            )
        # Of one length about, so that little of a batch is filling.
        self._runs = sorted(
            ((f, labels, rows) for (f, labels), rows in zip(kept, known) if rows.any()),
            key=lambda run: len(run[0]),
        )
        self._served: SequenceServing | None = None

    def __call__(self, model: keras.Model) -> Logs:
        """The logs of an epoch: ``val_loss`` and ``val_ccc_valence``, …, over all these frames."""
        if self._served is None:
            # It shares the model's variables, and so follows it from epoch to epoch.
            self._served = SequenceServing(model, self._settings.label, self._state)
        truth, said = [], []
        for batch in self._batches():
            features = np.zeros((len(batch), len(batch[-1][0]), batch[0][0].shape[1]), np.float32)
            for row, (run, _, _) in zip(features, batch):
                row[: len(run)] = run
            outputs = self._served.outputs(features).numpy()
            for row, (run, labels, known) in zip(outputs, batch):
                truth.append(labels[known])
                # A run is not told by what fills its row up: that comes after it.
                said.append(row[: len(run)][known])
                progress.advance("frames judged", len(run))
        labels, found = np.concatenate(truth), np.concatenate(said)
        logs = {"val_loss": float(loss_for(self._settings)(labels, found))}
        for metric in metrics_for(self._settings):
            metric.update_state(labels, found)
            logs[f"val_{metric.name}"] = float(metric.result())
        return logs

    def _batches(self) -> Iterator[list[tuple[np.ndarray, np.ndarray, np.ndarray]]]:
        batch: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for run in self._runs:
            # The runs rise in length: the next would set the length of all.
            if batch and (len(batch) + 1) * len(run[0]) > _FRAMES:
                yield batch
                batch = []
            batch.append(run)
        yield batch
