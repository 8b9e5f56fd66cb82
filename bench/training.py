"""Examples/s of a training with its pipeline of data, over the same model on data in memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from affectflow.models.settings import TrainSettings


@dataclass
class Speeds:
    """Examples/s, medians over the rounds."""

    pipeline: float
    memory: float

    @property
    def ratio(self) -> float:
        return self.pipeline / self.memory

    def words(self, what: str) -> str:
        return f"{self.pipeline:.0f} {what}/s, {self.memory:.0f} from memory"


def compare(
    build: Callable[[], Any],
    train: Callable[[int], Any],
    settings: TrainSettings,
    scratch: Path,
    rounds: int,
    held: int = 1,
) -> Speeds:
    """Trains by ``affectflow.training.fit`` and, between its epochs, by Keras alone from memory.

    In an epoch of the first side are the data, the steps, what ``fit`` does at each step, the
    validation (of eight examples, so that examples/s are training's) and saving the state. The
    second side is ``Model.fit`` of an equal model on batches that are there as tensors.

    Args:
        build: () -> a model; called twice.
        train: epoch -> the batches of the pipeline.
        settings: ``steps_per_epoch`` is how long a round is.
        held: number of batches that the second side goes round in.
    """
    import tensorflow as tf

    from affectflow.models.losses import loss_for
    from affectflow.training.fit import fit
    from affectflow.training.optimizer import optimizer_for

    steps, size = settings.steps_per_epoch, settings.batch_size
    batches = [tuple(part.numpy() for part in batch) for batch in train(0).take(held)]
    few = tf.data.Dataset.from_tensors(tuple(part[:8] for part in batches[0]))
    memory = tf.data.Dataset.from_generator(
        lambda: iter(batches), output_signature=train(0).element_spec
    ).cache().repeat().take(steps)  # fmt: skip
    bare = build()
    bare.compile(optimizer_for(settings), loss_for(settings), jit_compile=False)
    bare.fit(memory.take(2), verbose=0)

    spent: dict[str, list[float]] = {"pipeline": [], "memory": []}
    began = 0.0

    def after_epoch(epoch: int, logs: object) -> None:
        nonlocal began
        if epoch:  # the first built the graphs
            spent["pipeline"].append(time.perf_counter() - began)
            began = time.perf_counter()
            bare.fit(memory, verbose=0)
            spent["memory"].append(time.perf_counter() - began)
        began = time.perf_counter()

    fit(
        build(),
        lambda epoch: train(epoch) if epoch else train(0).take(2),
        few,
        replace(settings, epochs=rounds + 1, patience=0),
        scratch / "state",
        scratch / "logs",
        on_epoch=after_epoch,
    )
    examples = steps * size
    return Speeds(*(examples / statistics.median(spent[side]) for side in ("pipeline", "memory")))
