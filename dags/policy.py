"""How the control plane runs each kind of node: the one place where nodes differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from dags.graph import CompiledError

# An empty list would let CUDA see every device on some driver versions; -1 names none.
NO_GPU = {"CUDA_VISIBLE_DEVICES": "-1"}


@dataclass(frozen=True)
class Pool:
    """A pool that must exist in Airflow before its tasks run."""

    name: str
    slots: int
    description: str


# One slot a GPU: two trainings on one GPU run out of its memory. default_pool is Airflow's own.
POOLS = (Pool("gpu", 1, "affectflow: one slot a GPU that training may take"),)


QUEUE = "default"
"""Of whatever needs no machine of its own kind."""


@dataclass(frozen=True)
class Policy:
    """How a node is run.

    Attributes:
        timeout: after which a try is ended.
        pool: Airflow's, limits how many such nodes run at once.
        queue: Airflow's, picks the machines.
        retries: tries after the first.
        retry_delay: before the first retry; doubles with each further one.
        max_retry_delay: no wait between tries is longer.
        environment: variables that the node gets on top of the inherited ones.
        gpu: it needs one.
    """

    timeout: timedelta
    pool: str = "default_pool"
    queue: str = QUEUE
    retries: int = 2
    retry_delay: timedelta = timedelta(seconds=30)
    max_retry_delay: timedelta = timedelta(minutes=10)
    environment: Mapping[str, str] = field(default_factory=lambda: dict(NO_GPU))
    gpu: bool = False


def _on_gpu(timeout: timedelta, retries: int) -> Policy:
    return Policy(timeout, "gpu", "gpu", retries, timedelta(minutes=1), environment={}, gpu=True)


_MINUTES = Policy(timedelta(minutes=10))
_HOURS = Policy(timedelta(hours=6))

_BY_KIND = {
    # Decodes every new video; faces found so far are kept, so a retry goes on from there.
    "VideoExampleGen": Policy(timedelta(hours=24), retries=3, retry_delay=timedelta(minutes=1)),
    # Decodes the sound of every clip, all of them anew.
    "AudioExtractor": Policy(timedelta(hours=12)),
    # Passes over every face crop, some of them twice (analysis, then materialisation).
    "StatisticsGen": _HOURS,
    "DensitySampler": _HOURS,
    "Transform": Policy(timedelta(hours=12)),
    # A killed training goes on from its last finished epoch, so another try costs an epoch.
    "CnnTrainer": _on_gpu(timedelta(hours=72), retries=4),
    "RnnTrainer": _on_gpu(timedelta(hours=48), retries=4),
    "ClassTrainer": _on_gpu(timedelta(hours=72), retries=4),
    # A network of images over every frame: as fast as the GPU that trained it.
    "FeatureExtractor": _on_gpu(timedelta(hours=12), retries=2),
    "ClassPredictor": _on_gpu(timedelta(hours=12), retries=2),
    "BaselinePredictor": _on_gpu(timedelta(hours=12), retries=2),
    # The sequence model over features, some thousand frames a second on a CPU.
    "Predictor": _HOURS,
    "Evaluator": _HOURS,
    # They trace and write graphs.
    "Exporter": Policy(timedelta(hours=1)),
    "ClassExporter": Policy(timedelta(hours=1)),
    # They look something up or copy a file: what hangs for longer than this is stuck.
    "Importer": _MINUTES,
    "ImportSchemaGen": _MINUTES,
    "ExampleValidator": _MINUTES,
    "Pusher": Policy(timedelta(minutes=30)),
}


def policy_for(kind: str) -> Policy:
    """The policy of a kind of node, such as CnnTrainer.

    Raises:
        CompiledError: it has none. A guess would train on a CPU, or end a training after minutes.
    """
    if kind not in _BY_KIND:
        raise CompiledError(
            f"nodes of kind {kind!r} have no row in dags/policy.py; one with time limit, retries,"
            f" pool and queue would do, as {', '.join(_BY_KIND)} have"
        )
    return _BY_KIND[kind]
