"""The table of policies. Expected values: the design's, GPU nodes are the trainers and the
FeatureExtractor; the rest must see no GPU."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dags.policy import DEFAULT, POOLS, policy_for

GPU = ["CnnTrainer", "RnnTrainer", "FeatureExtractor"]
CPU = ["VideoExampleGen", "Importer", "ImportSchemaGen", "Transform", "Evaluator", "Pusher", "New"]


@pytest.mark.parametrize("kind", GPU)
def test_gpu_nodes_take_a_gpu_slot_and_see_its_gpus(kind):
    policy = policy_for(kind)
    assert policy.gpu
    assert (policy.pool, policy.queue) == ("gpu", "gpu")
    assert "CUDA_VISIBLE_DEVICES" not in policy.environment


@pytest.mark.parametrize("kind", CPU)
def test_all_others_see_none(kind):
    policy = policy_for(kind)
    assert not policy.gpu
    assert (policy.pool, policy.queue) == ("default_pool", "default")
    assert policy.environment["CUDA_VISIBLE_DEVICES"] == "-1"


def test_a_kind_without_a_row_gets_the_default():
    assert policy_for("NeverHeardOf") is DEFAULT


def test_the_long_may_take_long_and_the_short_may_not():
    assert policy_for("VideoExampleGen").timeout >= timedelta(hours=12)
    assert policy_for("CnnTrainer").timeout >= timedelta(hours=24)
    assert policy_for("Importer").timeout <= timedelta(minutes=15)


@pytest.mark.parametrize("kind", GPU + CPU)
def test_every_node_is_retried_with_a_bounded_wait(kind):
    policy = policy_for(kind)
    assert policy.retries >= 1
    assert timedelta() < policy.retry_delay <= policy.max_retry_delay


def test_every_pool_that_is_used_is_set_up():
    used = {policy_for(kind).pool for kind in GPU + CPU}
    assert used - {"default_pool"} == {pool.name for pool in POOLS}
    assert all(pool.slots >= 1 and pool.description for pool in POOLS)
