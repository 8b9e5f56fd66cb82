"""Graphs as DAGs. Expected structure: the toy pipelines' and the design's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from airflow.sdk import Asset

from dags.graph import compiled_files, incomplete_recipes, read_graph
from dags.process import NodeProcessOperator
from dags.render import render
from dags.settings import SettingsError, read_settings
from tests.dags.toy import REPOSITORY, read, rebuild, release

COMPILED = REPOSITORY / "dags/compiled"


def rendered(tmp_path, content, **options):
    return render(read(tmp_path, content), read_settings({"workspace": "/ws", **options}))


def test_a_task_a_node_and_a_group_a_stage(tmp_path):
    dag = rendered(tmp_path, rebuild())
    assert dag.dag_id == "toy_rebuild"
    assert sorted(dag.task_ids) == ["FramesSchema", "Transform", "VideoExampleGen"]
    groups = dag.task_group.get_task_group_dict()
    assert {name for name in groups if name} == {"ingest", "balance"}
    assert set(groups["ingest"].children) == {"FramesSchema", "VideoExampleGen"}
    transform = dag.get_task("Transform")
    assert transform.upstream_task_ids == {"FramesSchema", "VideoExampleGen"}
    assert isinstance(transform, NodeProcessOperator)


def test_policy_becomes_pool_queue_and_retries(tmp_path):
    trainer = rendered(tmp_path, release()).get_task("CnnTrainer")
    assert (trainer.pool, trainer.queue) == ("gpu", "gpu")
    assert trainer.retries == 4
    assert trainer.execution_timeout == timedelta(hours=72)
    assert trainer.retry_exponential_backoff
    assert trainer.max_retry_delay == timedelta(minutes=10)
    pusher = rendered(tmp_path, release()).get_task("Pusher")
    assert (pusher.pool, pusher.queue) == ("default_pool", "default")


def test_one_run_at_a_time_and_nothing_caught_up(tmp_path):
    for content in (rebuild(), release()):
        dag = rendered(tmp_path, content)
        assert dag.max_active_runs == 1
        assert dag.catchup is False
        assert dag.render_template_as_native_obj is False
        assert dag.tags == {"affectflow", "toy", content["kind"]}
        assert dag.doc_md == "A toy recipe."


def test_a_rebuild_runs_by_hand_unless_scheduled(tmp_path):
    assert rendered(tmp_path, rebuild()).schedule is None
    dag = rendered(tmp_path, rebuild(), toy_schedule="0 3 * * 1", data="/d")
    assert dag.schedule == "0 3 * * 1"


def test_a_release_is_started_by_its_asset(tmp_path):
    dag = rendered(tmp_path, release(), schedule="@daily")
    assert dag.schedule == [Asset("toy_balanced_frames")]
    assert rendered(tmp_path, rebuild()).get_task("Transform").outlets == dag.schedule
    assert rendered(tmp_path, rebuild()).get_task("FramesSchema").outlets == []


@pytest.mark.parametrize(
    "schedule", ["tuesdays", "* * *", "61 * * * *", "@sometimes", "@continuous"]
)
def test_a_schedule_that_is_none_is_named(tmp_path, schedule):
    with pytest.raises(SettingsError, match="give a cron expression") as caught:
        rendered(tmp_path, rebuild(), schedule=schedule, data="/d")
    assert repr(schedule) in str(caught.value)


def test_user_values_are_no_templates(tmp_path):
    assert rendered(tmp_path, rebuild()).get_task("Transform").template_fields == ()


def test_every_compiled_pipeline_of_this_repository_renders():
    graphs = {path: read_graph(path) for path in compiled_files(COMPILED)}
    assert {path.stem for path in graphs} >= {"demo_rebuild", "demo_release"}
    assert incomplete_recipes(graphs) == []
    settings = read_settings({"workspace": "/ws"})
    for graph in graphs.values():
        dag = render(graph, settings)
        assert set(dag.task_ids) == {node.id for node in graph.nodes}
        dag.check_cycle()
