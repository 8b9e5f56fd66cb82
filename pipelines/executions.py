"""What ML Metadata holds of a run's executions, and of what they gave."""

from __future__ import annotations

from ml_metadata import MetadataStore
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata
from tfx.orchestration.portable.mlmd import execution_lib
from tfx.proto.orchestration import execution_result_pb2
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact

COMPLETE = metadata_store_pb2.Execution.COMPLETE
CACHED = metadata_store_pb2.Execution.CACHED
OPEN = (metadata_store_pb2.Execution.NEW, metadata_store_pb2.Execution.RUNNING)
"""As if somebody were at work on it."""
RUN_CONTEXT = "pipeline_run"
NODE_CONTEXT = "node"


def executions_of_run(
    store: MetadataStore, run_id: str
) -> list[tuple[str, metadata_store_pb2.Execution]]:
    """(node id, execution) of a run, oldest first; none for a run that is not known."""
    run = store.get_context_by_type_and_name(RUN_CONTEXT, run_id)
    if run is None:
        return []
    types = {t.id: t.name for t in store.get_context_types()}
    found = []
    for execution in sorted(store.get_executions_by_context(run.id), key=lambda e: e.id):
        contexts = store.get_contexts_by_execution(execution.id)
        # Of the node's context the name is <pipeline>.<node>.
        name = next(c.name for c in contexts if types[c.type_id] == NODE_CONTEXT)
        found.append((name.rpartition(".")[2], execution))
    return found


def publish_failure(
    store: MetadataStore, execution: metadata_store_pb2.Execution, reason: str
) -> None:
    """Records that an execution failed, and why."""
    result = execution_result_pb2.ExecutionResult(result_message=reason)
    execution.last_known_state = metadata_store_pb2.Execution.FAILED
    execution_lib.set_execution_result(result, execution)
    store.put_executions([execution])


def output_artifacts(handle: metadata.Metadata, execution_id: int) -> dict[str, list[Artifact]]:
    """Artifacts that an execution gave, by output key."""
    events = [
        event
        for event in handle.store.get_events_by_execution_ids([execution_id])
        if event.type == metadata_store_pb2.Event.OUTPUT
    ]
    found = {a.id: a for a in handle.store.get_artifacts_by_id([e.artifact_id for e in events])}
    types = {
        t.id: t
        for t in handle.store.get_artifact_types_by_id(sorted({a.type_id for a in found.values()}))
    }
    outputs: dict[str, list[Artifact]] = {}
    for event in events:
        raw = found[event.artifact_id]
        key = next(step.key for step in event.path.steps if step.HasField("key"))
        artifact = artifact_utils.deserialize_artifact(types[raw.type_id], raw)
        outputs.setdefault(key, []).append(artifact)
    return outputs
