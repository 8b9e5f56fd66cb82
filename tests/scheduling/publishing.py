"""Holds nodes in the middle of publishing to ML Metadata's PostgreSQL, and counts what came of it.

A trigger of the test's own has whoever writes an output's event, or commits that, wait for an
advisory lock that the test holds. So a node can be killed, and its connection cut, exactly there.
"""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg2

from tests.scheduling.airflow_site import HOST, PROJECT, wait_for
from tests.scheduling.servers import Postgres

TABLES = """
import os
from ml_metadata import MetadataStore
from ml_metadata.proto import metadata_store_pb2
config = metadata_store_pb2.ConnectionConfig()
server = config.postgresql
server.host, server.port, server.user, server.password, server.dbname = os.environ["WHERE"].split()
MetadataStore(config)
"""
"""Has ML Metadata make its tables, which it does when somebody first connects."""

# 4: OUTPUT. The trigger finds the node by the context <pipeline>.<node> of the execution; {when} is
# part of the lock, so a test can wait at the write and at the commit.
HOLD = """
CREATE FUNCTION hold_{when}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtext('{when} ' || node.name))
     FROM Association JOIN Context AS node ON node.id = Association.context_id
    WHERE Association.execution_id = NEW.execution_id;
  RETURN NEW;
END $$;
CREATE {kind} TRIGGER hold_{when} {timing} INSERT ON Event {deferred}
   FOR EACH ROW WHEN (NEW.type = 4) EXECUTE FUNCTION hold_{when}();
"""
WRITE, COMMIT = "write", "commit"


class Store:
    """ML Metadata's database, as the test's own connection sees it."""

    def __init__(self, database: Postgres):
        where = [HOST, str(database.port), "mlmd", database.passwords["mlmd"], "mlmd"]
        subprocess.run(
            [PROJECT / ".venv/bin/python", "-W", "ignore", "-c", TABLES],
            env={"WHERE": " ".join(where)}, check=True, timeout=120,
        )  # fmt: skip
        self._database = database
        self._connection = psycopg2.connect(database.url("mlmd"))
        self._connection.autocommit = True
        before = {"kind": "", "timing": "BEFORE", "deferred": ""}
        at_end = {
            "kind": "CONSTRAINT", "timing": "AFTER", "deferred": "DEFERRABLE INITIALLY DEFERRED",
        }  # fmt: skip
        for when, words in ((WRITE, before), (COMMIT, at_end)):
            self.rows(HOLD.format(when=when, **words))

    def rows(self, query: str, *values: object) -> list[tuple]:
        with self._connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def held(self, node: str, when: str = WRITE) -> Iterator[Held]:
        """Whoever publishes what a node ``<pipeline>.<node>`` gave waits while the block runs."""
        holder = psycopg2.connect(self._database.url("mlmd"))
        holder.autocommit = True
        try:
            with holder.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", (f"{when} {node}",))
            yield Held(self, node, when)
        finally:
            holder.close()

    def close(self) -> None:
        self._connection.close()


class Held:
    """A node that waits, or will, in the middle of publishing."""

    def __init__(self, store: Store, node: str, when: str):
        self._store, self._node, self._when = store, node, when

    def waiting(self) -> tuple[int, int]:
        """The server's process that serves it, and the port that it came from, once it waits."""
        found = wait_for(
            f"{self._node} at its {self._when}",
            lambda: self._store.rows(
                "SELECT pid, client_port FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE"
                " locktype = 'advisory' AND NOT granted AND objid::bigint ="
                " (hashtext(%s)::bigint & 4294967295)", f"{self._when} {self._node}",
            ),
        )  # fmt: skip
        return found[0]

    def wait_for_another(self, first: int) -> None:
        """Until somebody waits for what the transaction of that process has written."""
        wait_for(
            f"another that publishes {self._node}",
            lambda: self._store.rows(
                "SELECT pid FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))", first
            ),
        )


class Proxy:
    """Between clients and a server on the loopback interface; cuts one connection when asked."""

    def __init__(self, target: int):
        self._target = target
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self._pairs: dict[int, tuple[socket.socket, socket.socket]] = {}
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, port: int) -> None:
        """Cuts the connection that reached the server from a port; neither end is told why."""
        for end in self._pairs.pop(port):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            server = socket.create_connection((HOST, self._target))
            self._pairs[server.getsockname()[1]] = client, server
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_copy, args=(source, sink), daemon=True).start()


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
