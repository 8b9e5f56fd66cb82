"""Runs one node of a compiled pipeline: driver, executor and publisher, through TFX's launcher.

TFX's launcher has a quiet way to fail that is made loud here: a node whose inputs are missing
publishes FAILED and returns as if nothing had happened. So the state is read back.
"""

from __future__ import annotations

import copy
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from types import ModuleType
from typing import Any

from pipelines.sdk import launcher  # before all else of TFX: see there

# isort: split

from google.protobuf.message import Message
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.io import fileio
from tfx.orchestration import metadata
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable import data_types, outputs_utils
from tfx.proto.orchestration import executable_spec_pb2, execution_result_pb2, pipeline_pb2
from tfx.types.artifact import Artifact, ArtifactState

from affectflow.errors import AffectflowError
from pipelines.cache import WorkspaceCache
from pipelines.executions import (
    CACHED,
    COMPLETE,
    OPEN,
    executions_of_run,
    output_artifacts,
    publish_failure,
)
from pipelines.failure import interruption, reason_of
from pipelines.gone import REASON
from pipelines.metadata_store import metadata_connection
from pipelines.publishing import artifact_name, publish_once
from pipelines.seal import FILES_DIGEST, DamagedFiles, check_seal, seal, unseal
from pipelines.workspace import Workspace

log = logging.getLogger(__name__)

_TMPDIR = "TMPDIR"
# Where TFX looks for the name of the folder that is to outlive a try, and nobody puts one.
_WORKING_DIR = "__stateful_working_dir_index__"
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
    workspace: Workspace,
    beam_args: Sequence[str] = (),
) -> NodeResult:
    """Launches one node in this process and reads back what ML Metadata says of it.

    A node that this run has completed already is left alone, whatever its kind: TFX's Importer
    would import once more. One that was killed or failed starts from empty outputs.

    Args:
        pipeline: compiled pipeline, every slot filled.
        node_id: the node.
        workspace: where it runs. ML Metadata is the workspace's (see pipelines.metadata_store), and
            the pipeline's own is not looked at.
        beam_args: options for Beam's runner.

    Raises:
        NodeFailed: it ended in another state than complete or cached.
        InputError: ML Metadata's address cannot be used.
        KeyError: there is no such node.
    """
    nodes = {n.pipeline_node.node_info.id: n.pipeline_node for n in pipeline.nodes}
    node = nodes[node_id]
    imports = node.node_info.type.name == IMPORTER_TYPE
    store = metadata.Metadata(metadata_connection(workspace))
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
        if imports:
            _close(store, tries)
        with _failure_published(store, pipeline, node, workspace), _bare_command_line():
            info = _Launcher(
                known_by,
                workspace,
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
    return replace(result, state="imported") if imports else result


def _close(connection: metadata.Metadata, tries: Sequence[metadata_store_pb2.Execution]) -> None:
    """Ends what killed tries of an Importer left open: it takes none up, but begins another.

    Whoever runs the node holds its lock, so nobody works on them any more.
    """
    with connection as handle:
        for execution in tries:
            if execution.last_known_state in OPEN:
                publish_failure(handle.store, execution, REASON)


class _Folders(outputs_utils.OutputsResolver):
    """TFX names one folder by chance, so that each killed try would leave another."""

    def get_stateful_working_directory(self, execution: metadata_store_pb2.Execution) -> str:
        known = copy.deepcopy(execution)
        known.custom_properties[_WORKING_DIR].string_value = str(execution.id)
        return super().get_stateful_working_directory(known)


class _Launcher(launcher.Launcher):
    """TFX's launcher, which checks what a node takes and seals what it gives.

    A node is known in the cache by an executor without Beam's options: on what a job runs, and
    with how many workers, changes nothing that it makes. Nor does where the workspace stands.
    """

    def __init__(self, known_by: Message | None, workspace: Workspace, **given: Any):
        super().__init__(**given)
        self._output_resolver = _Folders(
            self._pipeline_node, self._pipeline_info, self._pipeline_runtime_spec
        )
        self._executor_spec = known_by
        self._cache = WorkspaceCache(workspace)

    def _prepare_execution(self) -> Any:
        # The launcher asks a module for its cache, and takes no other.
        with _standing_in(launcher, "cache_utils", self._cache):
            return super()._prepare_execution()

    def _run_executor(
        self, execution_info: data_types.ExecutionInfo
    ) -> execution_result_pb2.ExecutorOutput:
        for artifact in chain.from_iterable(execution_info.input_dict.values()):
            try:
                check_seal(artifact)
            except DamagedFiles:
                self._abandon(artifact)
                raise
        with _temporary_files_in(execution_info.tmp_dir):
            output = super()._run_executor(execution_info)
        for key, artifacts in output.output_artifacts.items():
            for index, artifact in enumerate(artifacts.artifacts):
                artifact.custom_properties[FILES_DIGEST].string_value = seal(artifact.uri)
                artifact.name = artifact_name(execution_info.execution_id, key, index)
        return output

    def _publish_successful_execution(self, execution_id: int, *given: Any) -> None:
        publish = partial(super()._publish_successful_execution, execution_id, *given)
        publish_once(self._mlmd_connection, execution_id, publish)

    def _abandon(self, artifact: Artifact) -> None:
        """TFX's cache passes over what is not live, so its node makes it anew."""
        with self._mlmd_connection as handle:
            artifact.state = ArtifactState.ABANDONED
            handle.store.put_artifacts([artifact.mlmd_artifact])


@contextmanager
def _standing_in(module: ModuleType, name: str, value: Any) -> Iterator[None]:
    """Puts something in the place of what a module of TFX's has under a name."""
    kept = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, kept)


@contextmanager
def _temporary_files_in(folder: str) -> Iterator[None]:
    """Has the temporary files of libraries go with the execution's own folder.

    Those of a process that is killed would stay for ever in the machine's.
    """
    before = os.environ.get(_TMPDIR)
    os.environ[_TMPDIR] = folder
    try:
        with _standing_in(tempfile, "tempdir", folder):
            yield
    finally:
        os.environ.pop(_TMPDIR)
        if before is not None:
            os.environ[_TMPDIR] = before


def _add_beam_args(
    executor: executable_spec_pb2.BeamExecutableSpec, beam_args: Sequence[str]
) -> None:
    # As TFX's compiler writes them: the launcher reads the second form alone.
    executor.beam_pipeline_args.extend(beam_args)
    for arg in beam_args:
        executor.beam_pipeline_args_placeholders.add().value.string_value = arg


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
    if node.node_info.type.name == IMPORTER_TYPE:
        return  # its output is another node's
    resolver = outputs_utils.OutputsResolver(node, pipeline.pipeline_info, pipeline.runtime_spec)
    for execution in tries:
        outputs = resolver.generate_output_artifacts(execution.id)
        there = [a for found in outputs.values() for a in found if fileio.exists(a.uri)]
        outputs_utils.remove_output_dirs({"": there})
        fileio.rmtree(resolver.make_tmp_dir(execution.id))
        for artifact in chain.from_iterable(outputs.values()):
            unseal(artifact.uri)


@contextmanager
def _failure_published(
    connection: metadata.Metadata,
    pipeline: pipeline_pb2.Pipeline,
    node: pipeline_pb2.PipelineNode,
    workspace: Workspace,
) -> Iterator[None]:
    """Removes of a failed try what it wrote, and records that it failed, and why.

    TFX's launcher does both for executors; an execution whose driver fails stays RUNNING, and what
    could not be sealed or published stays. On a full disk it keeps room from the record.
    """
    node_id = node.node_info.id
    try:
        yield
    except Exception as error:
        if interruption(error) is None:
            try:
                reason = reason_of(error, workspace.written)
                _publish_failure(connection, pipeline, node, reason)
            except Exception:
                # What cannot be written, as on a full disk, does not take the error's place.
                log.warning("%s: its failure could not be recorded", node_id, exc_info=True)
        raise


def _publish_failure(
    connection: metadata.Metadata,
    pipeline: pipeline_pb2.Pipeline,
    node: pipeline_pb2.PipelineNode,
    reason: str,
) -> None:
    with connection as handle:
        failed = [
            execution
            for execution in _tries(handle, pipeline, node.node_info.id)
            if execution.last_known_state not in (COMPLETE, CACHED)
        ]
        _empty_outputs(failed, pipeline, node)
        for execution in failed:
            publish_failure(handle.store, execution, reason)


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
        for artifact in chain.from_iterable(outputs.values()):
            if artifact.state == ArtifactState.ABANDONED:
                _take_back(handle, artifact)
    return NodeResult(node_id, execution_id, "cached" if state == CACHED else "complete", outputs)


def _take_back(handle: metadata.Metadata, artifact: Artifact) -> None:
    """Who has put the files of an abandoned artifact right goes on with it.

    Raises:
        DamagedFiles: they are as they were found. To TFX such an artifact would not exist.
    """
    check_seal(artifact)
    artifact.state = ArtifactState.PUBLISHED
    handle.store.put_artifacts([artifact.mlmd_artifact])
