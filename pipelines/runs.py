"""Finds runs in ML Metadata: which rebuild ran last to its end, and what it gave."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tfx.orchestration import metadata
from tfx.types.artifact import Artifact

from affectflow.errors import InputError
from pipelines.executions import (
    CACHED,
    COMPLETE,
    NODE_CONTEXT,
    RUN_CONTEXT,
    executions_of_run,
    output_artifacts,
)
from pipelines.metadata_store import ADDRESS, metadata_connection
from pipelines.node_names import DENSITY_SAMPLER
from pipelines.workspace import Workspace


@dataclass(frozen=True)
class Run:
    """A run of a pipeline that ended well.

    Attributes:
        run_id: its name.
        outputs: node id → output key → artifacts.
        properties: node id → what the execution was told, by name.
    """

    run_id: str
    outputs: Mapping[str, Mapping[str, list[Artifact]]]
    properties: Mapping[str, Mapping[str, Any]]

    def uri(self, node: str, key: str) -> str:
        """URI of the only artifact of a node's output."""
        return self.outputs[node][key][0].uri


def latest_run(
    workspace: Workspace, pipeline: str, last_node: str, run_id: str = "", subset: str = ""
) -> Run:
    """The newest run of a pipeline whose last node ended well.

    Args:
        pipeline: name of the pipeline.
        last_node: a run counts as whole when this node is complete or cached.
        run_id: that run and no other; "" = the newest.
        subset: a run whose DensitySampler kept this subset; "" = whichever.

    Raises:
        InputError: there is none.
    """
    wanted = f"run {run_id!r} of {pipeline}" if run_id else f"finished run of {pipeline}"
    wanted += f" with subset {subset!r}" if subset else ""
    if ADDRESS not in os.environ and not workspace.metadata.exists():
        raise InputError(f"workspace {workspace.root} holds no runs; 'affectflow rebuild' first")
    with metadata.Metadata(metadata_connection(workspace)) as handle:
        store = handle.store
        types = {t.id: t.name for t in store.get_context_types()}
        node = store.get_context_by_type_and_name(NODE_CONTEXT, f"{pipeline}.{last_node}")
        executions = store.get_executions_by_context(node.id) if node else []
        done = [e for e in executions if e.last_known_state in (COMPLETE, CACHED)]
        for execution in sorted(done, key=lambda e: e.id, reverse=True):
            contexts = store.get_contexts_by_execution(execution.id)
            found = next(c.name for c in contexts if types[c.type_id] == RUN_CONTEXT)
            if run_id and found != run_id:
                continue
            run = run_of(handle, found)
            if not subset or run.properties[DENSITY_SAMPLER]["subset"] == subset:
                return run
    told = f" with subset={subset}" if subset else ""
    raise InputError(
        f"there is no {wanted} in {workspace.root}; 'affectflow rebuild'{told} makes one"
    )


def run_of(handle: metadata.Metadata, run_id: str) -> Run:
    """What the nodes of a run gave that have ended well so far."""
    outputs: dict[str, dict] = {}
    properties: dict[str, dict] = {}
    for node, execution in executions_of_run(handle.store, run_id):
        if execution.last_known_state in (COMPLETE, CACHED):
            outputs[node] = output_artifacts(handle, execution.id)
            properties[node] = {
                key: getattr(value, value.WhichOneof("value"))
                for key, value in execution.custom_properties.items()
            }
    return Run(run_id, outputs, properties)
