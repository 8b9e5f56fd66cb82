"""The table of policies, held against the nodes of every compiled pipeline.

Expected values: the design's. Whatever runs a network of images over a corpus, or trains one, needs
a GPU: trainers, and the nodes that hand frames to a model. The rest must see no GPU.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dags import policy as module
from dags.graph import CompiledError, compiled_files, read_graph
from dags.policy import POOLS, policy_for

COMPILED = Path(module.__file__).parent / "compiled"
TYPES = {node.type for path in compiled_files(COMPILED) for node in read_graph(path).nodes}
KINDS = sorted({type_.rpartition(".")[2] for type_ in TYPES})
# By what their modules are called and not by the table's own names: a trainer, or whatever is
# given images of faces and a trained model.
GPU = sorted(
    type_.rpartition(".")[2]
    for type_ in TYPES
    if type_.startswith("components.trainer.")
    or type_.split(".")[1] in ("feature_extractor", "class_predictor", "baseline_predictor")
)
CPU = [kind for kind in KINDS if kind not in GPU]


def test_the_compiled_pipelines_train_and_predict():
    # So that the two lists above cannot be empty unnoticed: 9 recipes in two shapes.
    assert {"CnnTrainer", "RnnTrainer", "ClassTrainer"} < set(GPU)
    assert len(GPU) == 6
    assert {"VideoExampleGen", "AudioExtractor", "Exporter", "ClassExporter"} < set(CPU)


@pytest.mark.parametrize("kind", GPU)
def test_gpu_nodes_take_a_gpu_slot_and_see_its_gpus(kind):
    policy = policy_for(kind)
    assert policy.gpu
    assert (policy.pool, policy.queue) == ("gpu", "gpu")
    assert "CUDA_VISIBLE_DEVICES" not in policy.environment
    assert policy.timeout >= timedelta(hours=12)


@pytest.mark.parametrize("kind", CPU)
def test_all_others_see_none(kind):
    policy = policy_for(kind)
    assert not policy.gpu
    assert (policy.pool, policy.queue) == ("default_pool", "default")
    assert policy.environment["CUDA_VISIBLE_DEVICES"] == "-1"


def test_a_kind_without_a_row_is_an_error_that_says_where_it_belongs():
    with pytest.raises(CompiledError, match=r"kind 'NeverHeardOf' have no row in dags/policy\.py"):
        policy_for("NeverHeardOf")


def test_the_long_may_take_long_and_the_short_may_not():
    assert policy_for("VideoExampleGen").timeout >= timedelta(hours=12)
    for trainer in ("CnnTrainer", "ClassTrainer"):
        assert policy_for(trainer).timeout >= timedelta(hours=24)
    assert policy_for("Importer").timeout <= timedelta(minutes=15)


@pytest.mark.parametrize("kind", KINDS)
def test_every_node_is_retried_with_a_bounded_wait(kind):
    policy = policy_for(kind)
    assert policy.retries >= 1
    assert timedelta() < policy.retry_delay <= policy.max_retry_delay


def test_every_pool_that_is_used_is_set_up():
    used = {policy_for(kind).pool for kind in KINDS}
    assert used - {"default_pool"} == {pool.name for pool in POOLS}
    assert all(pool.slots >= 1 and pool.description for pool in POOLS)
