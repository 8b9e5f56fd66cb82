"""Runs one node of a compiled pipeline: driver, executor and publisher, through TFX's launcher.

TFX's launcher has a quiet way to fail that is made loud here: a node whose inputs are missing
publishes FAILED and returns as if nothing had happened. So the state is read back.
"""

from __future__ import annotations

import copy
import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pipelines.sdk import launcher  # before all else of TFX: see there

# isort: split

from google.protobuf.message import Message
from ml_metadata import MetadataStore
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.io import fileio
from tfx.orchestration import metadata
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable import outputs_utils
from tfx.orchestration.portable.mlmd import execution_lib
from tfx.proto.orchestration import executable_spec_pb2, execution_result_pb2, pipeline_pb2
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact

from affectflow.errors import AffectflowError
from pipelines.failure import is_interrupt, reason_of

log = logging.getLogger(__name__)

COMPLETE = metadata_store_pb2.Execution.COMPLETE
CACHED = metadata_store_pb2.Execution.CACHED
RUN_CONTEXT = "pipeline_run"
NODE_CONTEXT = "node"
IMPORTER_TYPE = "tfx.dsl.components.common.importer.Importer"


@dataclass(frozen=True)
class NodeResult:
    """What came of a node.

    Attributes:
        node: its id.
        execution_id: in ML Metadata; None for a node that was skipped by its condition.
        state: ``complete``, ``cached``, ``imported`` (an artifact of another pipeline) or
            ``skipped``.
        outputs: artifacts by output key.
    """

    node: str
    execution_id: int | None
    state: str
    outputs: Mapping[str, list[Artifact]]

    def uri(self, key: str) -> str:
        """URI of the only artifact of an output."""
        return self.outputs[key][0].uri


class NodeFailed(AffectflowError):
    """A node ended without its outputs."""


def run_node(
    pipeline: pipeline_pb2.Pipeline,
    node_id: str,
    connection: metadata_store_pb2.ConnectionConfig,
    beam_args: Sequence[str] = (),
) -> NodeResult:
    """Launches one node in this process and reads back what ML Metadata says of it.

    A node that this run has completed already is left alone, whatever its kind: TFX's Importer
    would import once more. One that was killed or failed starts from empty outputs.

    Args:
        pipeline: compiled pipeline, every slot filled.
        node_id: the node.
        connection: where ML Metadata is; the pipeline's own is not looked at.
        beam_args: options for Beam's runner.

    Raises:
        NodeFailed: it ended in another state than complete or cached.
        KeyError: there is no such node.
    """
    nodes = {n.pipeline_node.node_info.id: n.pipeline_node for n in pipeline.nodes}
    node = nodes[node_id]
    store = metadata.Metadata(connection)
    with store as handle:
        tries = _tries(handle, pipeline, node_id)
    # With which this run has completed the node.
    execution_id = next((e.id for e in tries if e.last_known_state in (COMPLETE, CACHED)), None)
    if execution_id is None:
        deployment = runner_utils.extract_local_deployment_config(pipeline)
        known_by = runner_utils.extract_executor_spec(deployment, node_id)
        executor = copy.deepcopy(known_by)
        if isinstance(executor, executable_spec_pb2.BeamExecutableSpec):
            _add_beam_args(executor, beam_args)
        _empty_outputs(tries, pipeline, node)
        with _failure_published(store, pipeline, node_id), _bare_command_line():
            info = _Launcher(
                known_by,
                pipeline_node=node,
                mlmd_connection=store,
                pipeline_info=pipeline.pipeline_info,
                pipeline_runtime_spec=pipeline.runtime_spec,
                executor_spec=executor,
                custom_driver_spec=runner_utils.extract_custom_driver_spec(deployment, node_id),
            ).launch()
        if info is None or info.execution_id is None:
            return NodeResult(node_id, None, "skipped", {})
        execution_id = info.execution_id
    result = _read_back(store, node_id, execution_id)
    # ML Metadata calls an Importer's execution cached; it has saved no work.
    imports = node.node_info.type.name == IMPORTER_TYPE
    return replace(result, state="imported") if imports else result


class _Launcher(launcher.Launcher):
    """TFX's launcher; a node is known in the cache by an executor without Beam's options.

    On what a job runs, and with how many workers, changes nothing that it makes.
    """

    def __init__(self, known_by: Message | None, **given: Any):
        super().__init__(**given)
        self._executor_spec = known_by


def _add_beam_args(
    executor: executable_spec_pb2.BeamExecutableSpec, beam_args: Sequence[str]
) -> None:
    # As TFX's compiler writes them: the launcher reads the second form alone.
    executor.beam_pipeline_args.extend(beam_args)
    for arg in beam_args:
        executor.beam_pipeline_args_placeholders.add().value.string_value = arg


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


def _tries(
    handle: metadata.Metadata, pipeline: pipeline_pb2.Pipeline, node_id: str
) -> list[metadata_store_pb2.Execution]:
    """The executions of a node in this run, oldest first."""
    run_id = pipeline.runtime_spec.pipeline_run_id.field_value.string_value
    return [found for node, found in executions_of_run(handle.store, run_id) if node == node_id]


def _empty_outputs(
    tries: Sequence[metadata_store_pb2.Execution],
    pipeline: pipeline_pb2.Pipeline,
    node: pipeline_pb2.PipelineNode,
) -> None:
    """Removes what a node's earlier tries left where the next one will write.

    TFX takes an unfinished execution up again in the same folders, and leaves in them what it
    finds: shards of a try that was killed, or Beam's unfinished files, would pass for output.
    """
    resolver = outputs_utils.OutputsResolver(node, pipeline.pipeline_info, pipeline.runtime_spec)
    for execution in tries:
        outputs = resolver.generate_output_artifacts(execution.id)
        there = [a for found in outputs.values() for a in found if fileio.exists(a.uri)]
        outputs_utils.remove_output_dirs({"": there})


@contextmanager
def _failure_published(
    connection: metadata.Metadata, pipeline: pipeline_pb2.Pipeline, node_id: str
) -> Iterator[None]:
    """Records of a failure that there was one, and why.

    TFX's launcher does the first for executors; an execution whose driver fails stays RUNNING.
    """
    try:
        yield
    except Exception as error:
        if not is_interrupt(error):
            try:
                _publish_failure(connection, pipeline, node_id, error)
            except Exception:
                # What cannot be written, as on a full disk, does not take the error's place.
                log.warning("%s: its failure could not be recorded", node_id, exc_info=True)
        raise


def _publish_failure(
    connection: metadata.Metadata, pipeline: pipeline_pb2.Pipeline, node_id: str, error: Exception
) -> None:
    result = execution_result_pb2.ExecutionResult(result_message=reason_of(error))
    with connection as handle:
        for execution in _tries(handle, pipeline, node_id):
            if execution.last_known_state not in (COMPLETE, CACHED):
                execution.last_known_state = metadata_store_pb2.Execution.FAILED
                execution_lib.set_execution_result(result, execution)
                handle.store.put_executions([execution])


@contextmanager
def _bare_command_line() -> Iterator[None]:
    # TFX's Beam executors parse sys.argv as absl flags, to whom our -v is a --verbosity that
    # lacks its number.
    kept = sys.argv
    sys.argv = kept[:1]
    try:
        yield
    finally:
        sys.argv = kept


def _read_back(connection: metadata.Metadata, node_id: str, execution_id: int) -> NodeResult:
    with connection as handle:
        (execution,) = handle.store.get_executions_by_id([execution_id])
        state = execution.last_known_state
        if state not in (COMPLETE, CACHED):
            name = metadata_store_pb2.Execution.State.Name(state)
            reason = execution.custom_properties["__execution_result__"].string_value
            raise NodeFailed(f"{node_id}: execution {execution_id} ended {name}. {reason}".strip())
        outputs = output_artifacts(handle, execution_id)
    return NodeResult(node_id, execution_id, "cached" if state == CACHED else "complete", outputs)


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
