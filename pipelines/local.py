"""Runs a pipeline on this machine, in this process, a node after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from pipelines.node import NodeResult, run_node  # before all else of TFX: see pipelines.sdk

# isort: split

from tfx.proto.orchestration import pipeline_pb2

from pipelines.workspace import Workspace

NodeListener = Callable[[str, NodeResult | None], None]


def run_local(
    pipeline: pipeline_pb2.Pipeline,
    workspace: Workspace,
    beam_args: Sequence[str] = (),
    on_node: NodeListener = lambda node, result: None,
) -> Mapping[str, NodeResult]:
    """Runs every node in topological order.

    Args:
        pipeline: what to run, every slot filled; a run id that failed before goes on where it was.
        workspace: where it runs (see ``run_node``).
        beam_args: options for Beam's runner.
        on_node: called with (node id, None) before and (node id, result) after each node.

    Returns:
        results by node id.

    Raises:
        AffectflowError: a node failed; the ones before it are kept and need not run again.
    """
    results: dict[str, NodeResult] = {}
    for node in pipeline.nodes:
        node_id = node.pipeline_node.node_info.id
        on_node(node_id, None)
        results[node_id] = run_node(pipeline, node_id, workspace, beam_args)
        on_node(node_id, results[node_id])
    return results
