"""Finds runs in ML Metadata: which rebuild ran last to its end, and what it gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata
from tfx.types.artifact import Artifact

from affectflow.errors import InputError
from pipelines.node import CACHED, COMPLETE, output_artifacts
from pipelines.workspace import Workspace

RUN_CONTEXT = "pipeline_run"
NODE_CONTEXT = "node"


@dataclass(frozen=True)
class Run:
    """A run of a pipeline that ended well.

    Attributes:
        run_id: its name.
        outputs: node id → output key → artifacts.
    """

    run_id: str
    outputs: Mapping[str, Mapping[str, list[Artifact]]]

    def uri(self, node: str, key: str) -> str:
        """URI of the only artifact of a node's output."""
        return self.outputs[node][key][0].uri


def latest_run(workspace: Workspace, pipeline: str, last_node: str, run_id: str = "") -> Run:
    """The newest run of a pipeline whose last node ended well.

    Args:
        pipeline: name of the pipeline.
        last_node: a run counts as whole when this node is complete or cached.
        run_id: that run and no other; "" = the newest.

    Raises:
        InputError: there is none.
    """
    wanted = f"run {run_id!r} of {pipeline}" if run_id else f"finished run of {pipeline}"
    if not workspace.metadata.exists():
        raise InputError(f"workspace {workspace.root} holds no runs; 'affectflow rebuild' first")
    config = metadata.sqlite_metadata_connection_config(str(workspace.metadata))
    with metadata.Metadata(config) as handle:
        store = handle.store
        node = store.get_context_by_type_and_name(NODE_CONTEXT, f"{pipeline}.{last_node}")
        executions = store.get_executions_by_context(node.id) if node else []
        done = [e for e in executions if e.last_known_state in (COMPLETE, CACHED)]
        for execution in sorted(done, key=lambda e: e.id, reverse=True):
            context = _run_context(store, execution.id)
            if not run_id or context.name == run_id:
                return Run(context.name, _outputs(handle, context.id))
    raise InputError(f"there is no {wanted} in {workspace.root}; 'affectflow rebuild' makes one")


def _run_context(store, execution_id: int) -> metadata_store_pb2.Context:
    types = {t.id: t.name for t in store.get_context_types()}
    contexts = store.get_contexts_by_execution(execution_id)
    return next(c for c in contexts if types[c.type_id] == RUN_CONTEXT)


def _outputs(handle: metadata.Metadata, run_context_id: int) -> dict[str, dict]:
    store = handle.store
    types = {t.id: t.name for t in store.get_context_types()}
    outputs: dict[str, dict] = {}
    executions = store.get_executions_by_context(run_context_id)
    for execution in sorted(executions, key=lambda e: e.id):
        if execution.last_known_state not in (COMPLETE, CACHED):
            continue
        contexts = store.get_contexts_by_execution(execution.id)
        name = next(c.name for c in contexts if types[c.type_id] == NODE_CONTEXT)
        outputs[name.rpartition(".")[2]] = output_artifacts(handle, execution.id)
    return outputs
