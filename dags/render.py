"""Renders a graph as an Airflow DAG."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import DAG, Asset, TaskGroup

from dags.command import NodeCommand
from dags.graph import Graph, Node
from dags.params import airflow_params
from dags.policy import QUEUE, policy_for
from dags.settings import Settings, SettingsError, option_name
from dags.task import NodeTask

# A schedule counts from here; what lies in the past is not caught up with.
_START = datetime(2024, 1, 1, tzinfo=UTC)


def render(graph: Graph, settings: Settings) -> DAG:
    """The DAG of a pipeline: a task a node, a group a stage.

    Raises:
        SettingsError: a setting that this pipeline uses cannot be used.
    """
    with DAG(
        dag_id=graph.pipeline,
        description=graph.description,
        doc_md=graph.documentation,
        tags=["affectflow", graph.kind, graph.recipe],
        schedule=_schedule(graph, settings),
        start_date=_START,
        catchup=False,
        # Two rebuilds would decode the same new videos twice; two releases would race to release.
        max_active_runs=1,
        params=airflow_params(graph, settings),
        render_template_as_native_obj=False,
    ) as dag:
        by_id = {node.id: node for node in graph.nodes}
        tasks = {}
        for stage in graph.stages:
            # Task ids are the node ids: run ids, logs and ML Metadata all speak of the same names.
            with TaskGroup(stage.name, prefix_group_id=False):
                for node_id in stage.nodes:
                    tasks[node_id] = _task(graph, by_id[node_id], settings)
        for node in graph.nodes:
            for upstream in node.upstream:
                tasks[upstream] >> tasks[node.id]
    return dag


def _schedule(graph: Graph, settings: Settings) -> str | list[Asset] | None:
    if graph.kind == "release":
        return [Asset(graph.started_by)] if graph.started_by else None
    schedule = settings.schedule(graph.recipe)
    if schedule is None or schedule.startswith("@"):
        presets = ("@hourly", "@daily", "@weekly", "@monthly", "@quarterly", "@yearly")
        if schedule in (None, *presets):
            return schedule
    elif _is_cron(schedule):
        return schedule
    raise SettingsError(
        f"{option_name('schedule')} of recipe {graph.recipe} = {schedule!r}:"
        " give a cron expression such as '0 3 * * 1', or one of @daily, @weekly, @monthly"
    )


def _is_cron(schedule: str) -> bool:
    from croniter import croniter  # Airflow's own parser, and imported by it for any schedule

    return len(schedule.split()) == 5 and croniter.is_valid(schedule)


def _task(graph: Graph, node: Node, settings: Settings) -> Any:
    policy = policy_for(node.kind)
    node_task = NodeTask(
        command=NodeCommand(
            python=settings.worker_python,
            workspace=str(settings.workspace),
            pipeline=graph.pipeline,
            node=node.id,
            code_version=graph.code_version,
            beam_options=settings.beam_options,
        ),
        policy=policy,
        parameters=graph.parameters,
        report_url=settings.report_url,
    )
    produces = graph.produces
    return _operator(settings)(
        node=node_task,
        task_id=node.id,
        pool=policy.pool,
        # Of a pod, Airflow's own worker only waits for the end: that takes no GPU machine.
        queue=QUEUE if settings.execution == "kubernetes" else policy.queue,
        retries=policy.retries,
        retry_delay=policy.retry_delay,
        retry_exponential_backoff=True,
        max_retry_delay=policy.max_retry_delay,
        execution_timeout=policy.timeout,
        outlets=[Asset(produces.asset)] if produces and produces.node == node.id else [],
    )


def _operator(settings: Settings) -> Any:
    if settings.kubernetes is not None:
        # Only here: the Kubernetes client costs seconds to import.
        from functools import partial

        from dags.pod import NodePodOperator

        return partial(NodePodOperator, kubernetes=settings.kubernetes)
    from dags.process import NodeProcessOperator

    return NodeProcessOperator
