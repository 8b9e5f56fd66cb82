"""Has ML Metadata hold what a node gave once, also when its server is lost while it is told.

A server that restarts, or a connection that is cut, comes at the end of a node that may have worked
for days. ML Metadata writes an execution's end, its artifacts and events in one transaction, so
they are there whole or not at all; but of a connection that was lost nobody knows which.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from ml_metadata import errors
from tfx.orchestration import metadata

from pipelines.executions import COMPLETE

log = logging.getLogger(__name__)

PATIENCE_S = 300.0
"""A server that is started anew, or whose stand-by takes over, is back by then."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 30.0
_NO_CONNECTION = "Failed to establish connection"


def artifact_name(execution_id: int, key: str, index: int) -> str:
    """Name of the artifact that an execution gives at a place of an output.

    ML Metadata refuses a second artifact of a type and a name. So what was published by a
    transaction that ends only after its client gave it up cannot be published again.
    """
    return f"{execution_id}.{key}.{index}"


def publish_once(
    connection: metadata.Metadata,
    execution_id: int,
    publish: Callable[[], None],
    patience_s: float = PATIENCE_S,
) -> None:
    """Publishes the end of an execution, again where the server was lost before it answered.

    Args:
        connection: to ML Metadata; not entered, so that each try connects anew.
        execution_id: whose end it is.
        publish: does it, under names that it cannot use twice (see artifact_name).
        patience_s: how long to go on trying.

    Raises:
        Exception: what ``publish`` raised, where that was no loss of a server or lasts longer.
    """
    deadline = time.monotonic() + patience_s
    pause = _FIRST_PAUSE_S
    doubtful = False
    while True:
        try:
            if not (doubtful and _is_published(connection, execution_id)):
                publish()
            return
        except errors.AlreadyExistsError:
            # An earlier try of ours got through after all, while this one was on its way.
            if not (doubtful and _is_published(connection, execution_id)):
                raise
            return
        except (errors.InternalError, errors.UnavailableError, RuntimeError) as error:
            if not _lost(connection, error) or time.monotonic() + pause > deadline:
                raise
            log.warning(
                "ML Metadata's server was lost while execution %d was published; trying again in"
                " %.0f s", execution_id, pause,
            )  # fmt: skip
        doubtful = True
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_S)


def _is_published(connection: metadata.Metadata, execution_id: int) -> bool:
    with connection as handle:
        (execution,) = handle.store.get_executions_by_id([execution_id])
    return execution.last_known_state == COMPLETE


def _lost(connection: metadata.Metadata, error: Exception) -> bool:
    """Whether an error is of a server; a file that cannot be written is no better in a minute."""
    if connection.connection_config.HasField("sqlite"):
        return False
    return isinstance(error, errors.StatusError) or _NO_CONNECTION in str(error)
