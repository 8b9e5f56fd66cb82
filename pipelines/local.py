"""Runs a pipeline on this machine, in this process, a node after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tfx.dsl.compiler import constants
from tfx.orchestration import pipeline as tfx_pipeline
from tfx.orchestration.portable import runtime_parameter_utils

from pipelines.compiled import compile_pipeline
from pipelines.node import NodeResult, run_node

NodeListener = Callable[[str, NodeResult | None], None]


def run_local(
    pipeline: tfx_pipeline.Pipeline,
    run_id: str,
    on_node: NodeListener = lambda node, result: None,
) -> Mapping[str, NodeResult]:
    """Runs every node in topological order.

    Args:
        pipeline: what to run.
        run_id: name of the run in ML Metadata; a run id that failed before goes on where it was.
        on_node: called with (node id, None) before and (node id, result) after each node.

    Returns:
        results by node id.

    Raises:
        AffectflowError: a node failed; the ones before it are kept and need not run again.
    """
    compiled = compile_pipeline(pipeline)
    runtime_parameter_utils.substitute_runtime_parameter(
        compiled, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: run_id}
    )
    results: dict[str, NodeResult] = {}
    for node in compiled.nodes:
        node_id = node.pipeline_node.node_info.id
        on_node(node_id, None)
        results[node_id] = run_node(compiled, node_id)
        on_node(node_id, results[node_id])
    return results
