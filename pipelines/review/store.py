"""What reviewing asks ML Metadata: much in few calls, and nothing that writes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, TypeAlias
from urllib.parse import quote

from google.protobuf import json_format
from ml_metadata import MetadataStore, errors
from ml_metadata.proto import metadata_store_pb2

from affectflow.errors import InputError
from pipelines.failure import damaged_store
from pipelines.metadata_store import ADDRESS, PASSWORD, metadata_connection
from pipelines.moved import Finder, settled_root
from pipelines.workspace import Workspace

RUN_CONTEXT, NODE_CONTEXT, PIPELINE_CONTEXT = "pipeline_run", "node", "pipeline"
# From more executions at once ML Metadata's lineage graph does not start; it leaves out the rest.
_STARTS = 100
_OUTPUTS = (metadata_store_pb2.Event.OUTPUT, metadata_store_pb2.Event.DECLARED_OUTPUT)

Execution: TypeAlias = metadata_store_pb2.Execution
Artifact: TypeAlias = metadata_store_pb2.Artifact


@dataclass(frozen=True)
class Link:
    """That an execution took, or gave, an artifact."""

    execution_id: int
    key: str
    is_output: bool
    artifact: Artifact


@dataclass(frozen=True)
class Place:
    """Where an execution belongs: names of its run, pipeline and node."""

    run_id: str
    pipeline: str
    node: str


class Store:
    """ML Metadata's store, for reading.

    Args:
        store: None where there is none, which is as good as an empty one.
        name: what errors call it.
        workspace: whose runs they are; artifacts are given as lying in it, wherever it was when
            they were recorded.
    """

    def __init__(self, store: MetadataStore | None, name: str, workspace: Workspace):
        self._store, self._name, self._workspace = store, name, workspace
        # The folders that the workspace is known to have been.
        self._roots = {str(workspace.root), settled_root(workspace)} - {""}

    def runs(self) -> list[metadata_store_pb2.Context]:
        """The context of every run."""
        return self._contexts(RUN_CONTEXT)

    def pipelines(self) -> list[str]:
        """The names of all pipelines that have run."""
        return [context.name for context in self._contexts(PIPELINE_CONTEXT)]

    def executions(self, context_id: int) -> list[Execution]:
        """The executions of a run, oldest first."""
        if self._store is None:
            return []
        with self._reading():
            found = self._store.get_executions_by_context(context_id)
        return sorted(found, key=lambda execution: execution.id)

    def executions_of(self, nodes: Collection[str]) -> dict[int, list[Execution]]:
        """Run's context -> its executions of some nodes, oldest first, of all runs at once.

        A call a node, and one for a hundred executions, where ``executions`` takes one a run.
        """
        found: dict[int, list[Execution]] = {}
        if self._store is None:
            return found
        runs = {context.id for context in self.runs()}
        with self._reading():
            executions = {
                execution.id: execution
                for context in self._contexts(NODE_CONTEXT)
                if context.name.rpartition(".")[2] in nodes
                for execution in self._store.get_executions_by_context(context.id)
            }
            ids = sorted(executions)
            for first in range(0, len(ids), _STARTS):
                for execution_id, context_id in _associations(
                    self._store, ids[first : first + _STARTS]
                ):
                    if context_id in runs:
                        found.setdefault(context_id, []).append(executions[execution_id])
        for belonging in found.values():
            belonging.sort(key=lambda execution: execution.id)
        return found

    def links(self, execution_ids: Iterable[int]) -> list[Link]:
        """What executions took and gave, all in two calls."""
        ids = list(execution_ids)
        if self._store is None or not ids:
            return []
        with self._reading():
            events = self._store.get_events_by_execution_ids(ids)
            wanted = sorted({event.artifact_id for event in events})
            found = self._store.get_artifacts_by_id(wanted) if wanted else []
        artifacts = {artifact.id: self._here(artifact) for artifact in found}
        return [
            Link(
                event.execution_id,
                _key(event),
                event.type in _OUTPUTS,
                artifacts[event.artifact_id],
            )
            for event in events
            if event.artifact_id in artifacts
        ]

    def place(self, execution_id: int) -> Place:
        """The run, pipeline and node of an execution; "" for what is not recorded."""
        if self._store is None:
            return Place("", "", "")
        with self._reading():
            contexts = self._store.get_contexts_by_execution(execution_id)
        names = {context.type: context.name for context in contexts}
        pipeline = names.get(PIPELINE_CONTEXT, "")
        # Of the node's context the name is <pipeline>.<node>.
        node = names.get(NODE_CONTEXT, "").removeprefix(f"{pipeline}.")
        return Place(names.get(RUN_CONTEXT, ""), pipeline, node)

    def makers(self, artifact_ids: Iterable[int]) -> dict[int, int]:
        """Artifact -> the execution that made it; later ones, which reused it, do not count."""
        ids = sorted(set(artifact_ids))
        if self._store is None or not ids:
            return {}
        with self._reading():
            events = self._store.get_events_by_artifact_ids(ids)
        found: dict[int, int] = {}
        for event in events:
            if event.type in _OUTPUTS:
                known = found.get(event.artifact_id, event.execution_id)
                found[event.artifact_id] = min(known, event.execution_id)
        return found

    def artifacts_at(self, uri: str) -> list[Artifact]:
        """The artifacts of a URI, as it is now, wherever in the workspace they were recorded.

        Runs bring ML Metadata's addresses up to date; who only looks finds what older runs left.
        """
        if self._store is None or not uri:
            return []
        root = str(self._workspace.root)
        inside = uri.startswith(f"{root}/")
        addresses = [known + uri[len(root) :] for known in sorted(self._roots)] if inside else [uri]
        with self._reading():
            found = [self._store.get_artifacts_by_uri(address) for address in addresses]
        return list(chain.from_iterable(found))

    def find(self, recorded: str, former: str | None = None) -> str:
        """Where something is now that was recorded somewhere (see pipelines.moved)."""
        former = former or self._finder.former_root(recorded)
        found = self._finder.find(recorded, former)
        if former and found != recorded:
            self._roots.add(former)
        return found

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self._workspace, self.pipelines())

    def _here(self, artifact: Artifact) -> Artifact:
        """The artifact with its addresses as they are now; changed in place."""
        former = self._finder.former_root(artifact.uri)
        if former not in (None, str(self._workspace.root)):
            artifact.uri = self.find(artifact.uri, former)
            for value in artifact.custom_properties.values():
                if value.HasField("string_value"):
                    value.string_value = self.find(value.string_value, former)
        return artifact

    def _contexts(self, kind: str) -> list[metadata_store_pb2.Context]:
        if self._store is None:
            return []
        with self._reading():
            try:
                return list(self._store.get_contexts_by_type(kind))
            except errors.NotFoundError:  # no run was ever recorded here
                return []

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (errors.StatusError, RuntimeError) as error:
            raise _unreadable(self._name, error) from error


def open_store(
    workspace: Workspace, address: str = "", environment: Mapping[str, str] = os.environ
) -> Store:
    """Opens the store of a workspace's runs.

    Args:
        address: as ``AFFECTFLOW_METADATA`` has it (see pipelines.metadata_store); "" = what the
            environment names, or the workspace's own.

    Raises:
        InputError: the address cannot be used, or the store cannot be read.
    """
    named = {name: environment[name] for name in (ADDRESS, PASSWORD) if name in environment}
    config = metadata_connection(workspace, named | ({ADDRESS: address} if address else {}))
    if config.HasField("sqlite"):
        name = config.sqlite.filename_uri
        if not os.path.exists(name):
            if name != str(workspace.metadata):
                raise InputError(f"ML Metadata's store {name} does not exist; another would do")
            return Store(None, name, workspace)
        _take_back(name)
        # A reviewer neither makes a database nor changes one.
        config.sqlite.connection_mode = metadata_store_pb2.SqliteMetadataSourceConfig.READONLY
    else:
        server = config.postgresql if config.HasField("postgresql") else config.mysql
        name = f"at {server.host}:{server.port}"
        server.skip_db_creation = True
    try:
        return Store(MetadataStore(config), name, workspace)
    except (errors.StatusError, RuntimeError) as error:
        raise _unreadable(name, error) from error


def _take_back(file: str) -> None:
    """Has SQLite take back what a killed writer left half-written.

    Any reader must before it reads, and one that may only read cannot. Where the writer is alive
    there is nothing to take back.

    Raises:
        InputError: the file cannot be written by this user.
    """
    journal = f"{file}-journal"
    if not os.path.exists(journal):
        return
    try:
        with closing(sqlite3.connect(f"file:{quote(file)}?mode=rw", uri=True)) as database:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        raise InputError(
            f"ML Metadata's store {file} cannot be read yet ({error}): whoever wrote last was"
            f" stopped half-way, as {journal} says. 'affectflow runs list', by a user who may write"
            " there, takes that back"
        ) from error


def value_of(value: metadata_store_pb2.Value) -> Any:
    """A property's value as a plain JSON value."""
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    found = getattr(value, kind)
    return found if isinstance(found, (int, float, str, bool)) else json_format.MessageToDict(found)


def properties(item: Artifact | Execution) -> dict[str, Any]:
    """Its own properties and its custom ones, by name."""
    both: Sequence[Mapping[str, Any]] = (item.properties, item.custom_properties)
    return {name: value_of(value) for values in both for name, value in sorted(values.items())}


def _associations(store: MetadataStore, execution_ids: Sequence[int]) -> list[tuple[int, int]]:
    options = metadata_store_pb2.LineageSubgraphQueryOptions(max_num_hops=0)
    listed = ", ".join(map(str, execution_ids))
    options.starting_executions.filter_query = f"id IN ({listed})"
    graph = store.get_lineage_subgraph(options, ["associations"])
    return [(pair.execution_id, pair.context_id) for pair in graph.associations]


def _key(event: metadata_store_pb2.Event) -> str:
    return next((step.key for step in event.path.steps if step.HasField("key")), "")


def _unreadable(name: str, error: Exception) -> InputError:
    if told := damaged_store(error, f"file {name}"):
        return InputError(told)
    said = str(error).strip().splitlines()
    return InputError(
        f"ML Metadata's store {name} cannot be read"
        f" ({said[0].strip(' :') if said else type(error).__name__}); a server that is up, or the"
        " file that the runs were recorded in, would do: see --metadata"
    )
