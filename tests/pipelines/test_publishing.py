"""An execution's end is published once, whatever became of the connection meanwhile.

ML Metadata here is a real SQLite store that says it were a server; what a lost one raises is what
PostgreSQL's client raised when its server process was ended. tests/scheduling has a real one.
"""

from __future__ import annotations

import logging
from itertools import count

import pytest
from ml_metadata import errors
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata
from tfx.orchestration.portable.mlmd import execution_lib
from tfx.types import standard_artifacts

from pipelines import publishing
from pipelines.executions import COMPLETE
from pipelines.publishing import artifact_name, publish_once

LOST = errors.InternalError("PostgreSQL metadata source error: ")
NOT_THERE = RuntimeError("Failed to establish connection to Metadata storage with error: ...")


class Server(metadata.Metadata):
    """A connection to what calls itself PostgreSQL."""

    @property
    def connection_config(self):
        config = metadata_store_pb2.ConnectionConfig()
        config.postgresql.host = "somewhere"
        return config


@pytest.fixture
def config(tmp_path):
    return metadata.sqlite_metadata_connection_config(str(tmp_path / "metadata.sqlite"))


@pytest.fixture
def server(config):
    return Server(config)


@pytest.fixture
def execution(server):
    """Number of one that is running."""
    with server as handle:
        kind = handle.store.put_execution_type(metadata_store_pb2.ExecutionType(name="work"))
        running = metadata_store_pb2.Execution.RUNNING
        one = metadata_store_pb2.Execution(type_id=kind, last_known_state=running)
        return handle.store.put_executions([one])[0]


@pytest.fixture
def write(server, execution):
    """Publishes as TFX does: the state, an output and its event in one call."""

    def publish():
        output = standard_artifacts.String()
        output.uri = "/ws/said/1"
        output.name = artifact_name(execution, "said", 0)
        with server as handle:
            (found,) = handle.store.get_executions_by_id([execution])
            found.last_known_state = COMPLETE
            execution_lib.put_execution(handle, found, [], output_artifacts={"said": [output]})

    return publish


@pytest.fixture
def pauses(monkeypatch):
    """What was slept, instead of sleeping; the clock goes by that alone."""
    slept = []
    monkeypatch.setattr(publishing.time, "sleep", slept.append)
    monkeypatch.setattr(publishing.time, "monotonic", lambda: sum(slept))
    return slept


@pytest.fixture
def held(server, execution):
    """held(): (state, artifacts, events) of the store."""

    def read():
        with server as handle:
            (found,) = handle.store.get_executions_by_id([execution])
            events = handle.store.get_events_by_execution_ids([execution])
            return found.last_known_state, len(handle.store.get_artifacts()), len(events)

    return read


def each_time(*steps):
    """A publish that does one thing after another, and the last from then on."""
    turns = count()

    def publish():
        steps[min(next(turns), len(steps) - 1)]()

    return publish


def failing(error, *before):
    def fail():
        for step in before:
            step()
        raise error

    return fail


@pytest.mark.parametrize("error", [LOST, NOT_THERE, errors.UnavailableError("gone")])
def test_a_connection_that_is_lost_before_the_end_is_made_anew(
    server, execution, write, held, pauses, caplog, error
):
    caplog.set_level(logging.WARNING)
    publish_once(server, execution, each_time(failing(error), failing(error), write))
    assert held() == (COMPLETE, 1, 1)
    assert pauses == [1, 2]
    assert f"server was lost while execution {execution} was published" in caplog.text


def test_what_got_through_although_nobody_heard_is_not_published_again(
    server, execution, write, held, pauses
):
    publish_once(server, execution, each_time(failing(LOST, write), pytest.fail))
    assert held() == (COMPLETE, 1, 1)


def test_what_gets_through_while_it_is_published_again_is_not_doubled(
    server, execution, write, held, pauses
):
    # When the state was asked for, the first transaction had not ended yet.
    def both():
        write()
        write()

    publish_once(server, execution, each_time(failing(LOST), both))
    assert held() == (COMPLETE, 1, 1)


def test_a_server_that_stays_away_is_waited_for_so_long_and_no_longer(server, execution, pauses):
    with pytest.raises(errors.InternalError):
        publish_once(server, execution, failing(LOST), patience_s=100)
    # Each twice the one before, 30 s at most, and none that would end after the patience.
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


@pytest.mark.parametrize(
    "error",
    [
        errors.InvalidArgumentError("no such type"),
        errors.AlreadyExistsError("x"),
        RuntimeError("y"),
    ],
)
def test_what_is_no_loss_is_raised_at_once(server, execution, pauses, error):
    with pytest.raises(type(error)):
        publish_once(server, execution, failing(error))
    assert pauses == []


def test_a_file_is_not_waited_for(config, execution, pauses):
    with pytest.raises(errors.InternalError):
        publish_once(metadata.Metadata(config), execution, failing(LOST))
    assert pauses == []
