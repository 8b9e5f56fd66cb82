"""Closes what processes that are gone have left open in ML Metadata.

A node whose process is killed stays RUNNING there for ever, as if somebody were at work. Whoever
works holds a lock, which the operating system takes away from the dead (see pipelines.workspace):
where it can be had, nobody is there any more.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from affectflow.locks import held_if_free
from pipelines.sdk import launcher  # noqa: F401 (before all else of TFX: see there)

# isort: split

from ml_metadata import ListOptions, MetadataStore, errors
from ml_metadata.proto import metadata_store_pb2

from pipelines.executions import NODE_CONTEXT, OPEN, RUN_CONTEXT, publish_failure
from pipelines.metadata_store import metadata_connection
from pipelines.workspace import Workspace

_OPEN = ListOptions(filter_query="last_known_state = RUNNING OR last_known_state = NEW")
REASON = "its process ended without a word: it was killed, or the machine went down"


def close_gone(workspace: Workspace, but: str) -> int:
    """Publishes FAILED for the executions of other runs whose process is gone.

    For whoever holds the workspace: then no command is at work there, and a scheduler's nodes have
    locks of their own. Runs of other workspaces that share the store are left alone, and so are
    those whose locks cannot be asked for.

    Args:
        but: the run that begins or goes on, which takes its own executions up again.

    Returns:
        how many were closed.
    """
    connection = metadata_connection(workspace)
    if connection.HasField("sqlite") and not os.path.exists(connection.sqlite.filename_uri):
        return 0
    store = MetadataStore(connection)
    closed = 0
    for execution in _open_executions(store):
        contexts = store.get_contexts_by_execution(execution.id)
        names = {context.type: context.name for context in contexts}
        run_id, node = names.get(RUN_CONTEXT, ""), names.get(NODE_CONTEXT, "").rpartition(".")[2]
        if not run_id or run_id == but or not workspace.run(run_id).is_dir():
            continue
        with _nobody_at(workspace, run_id, node) as gone:
            if gone and _is_open(store, execution.id):
                publish_failure(store, execution, REASON)
                closed += 1
    return closed


def _open_executions(store: MetadataStore) -> list[metadata_store_pb2.Execution]:
    try:
        return list(store.get_executions(list_options=_OPEN))
    except errors.NotFoundError:  # nothing was ever recorded
        return []


def _is_open(store: MetadataStore, execution_id: int) -> bool:
    """Whether it still is, now that its lock is held: its process may have ended well meanwhile."""
    (execution,) = store.get_executions_by_id([execution_id])
    return execution.last_known_state in OPEN


@contextmanager
def _nobody_at(workspace: Workspace, run_id: str, node: str) -> Iterator[bool]:
    """Whether nobody works on a node; nobody begins to while the block runs."""
    lock = workspace.run(run_id) / f"{node}.lock"
    if not lock.exists():
        yield True  # a command's, which would hold the workspace
        return
    with held_if_free(lock) as free:
        yield free
