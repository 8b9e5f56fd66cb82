"""Where ML Metadata's store is: a file of the workspace, or a server that the environment names.

The address never stands in a compiled pipeline or an argument list, where others could read it.
"""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Mapping

from ml_metadata.proto import metadata_store_pb2

from affectflow.errors import InputError
from pipelines.workspace import Workspace

ADDRESS = "AFFECTFLOW_METADATA"
PASSWORD = "AFFECTFLOW_METADATA_PASSWORD"

# Nodes of one run write at the same time. A server aborts one of two transactions that meet, and
# SQLite one that waited too long; ML Metadata's client then tries again, this often.
_RETRIES = 50


def metadata_connection(
    workspace: Workspace, environment: Mapping[str, str] = os.environ
) -> metadata_store_pb2.ConnectionConfig:
    """The store that ``AFFECTFLOW_METADATA`` names; without it, the workspace's SQLite file.

    ``postgresql://user@host:5432/database``, ``mysql://user@host:3306/database`` or
    ``sqlite:////folder/file``; the password is looked for in ``AFFECTFLOW_METADATA_PASSWORD``
    first. The database is made where it is absent and the user may make it.

    Raises:
        InputError: an address of another form; the message does not repeat it, for it may hold a
            password.
    """
    address = environment.get(ADDRESS, "")
    config = metadata_store_pb2.ConnectionConfig()
    config.retry_options.max_num_retries = _RETRIES
    if not address:
        _sqlite(config, str(workspace.metadata))
        return config
    try:
        url = urllib.parse.urlsplit(address)
        port = url.port
    except ValueError as error:
        raise _unusable(str(error)) from None
    database = urllib.parse.unquote(url.path.removeprefix("/"))
    if url.scheme == "sqlite" and database.startswith("/"):
        _sqlite(config, database)
        return config
    if url.scheme not in ("postgresql", "mysql"):
        raise _unusable(f"its scheme is {url.scheme!r}" if url.scheme else "it names no scheme")
    if not (url.hostname and database):
        raise _unusable("it names no host or no database")
    user = urllib.parse.unquote(url.username or "")
    password = environment.get(PASSWORD, "") or urllib.parse.unquote(url.password or "")
    if url.scheme == "postgresql":
        server = config.postgresql
        server.host, server.dbname = url.hostname, database
        server.port = str(port or 5432)
    else:
        server = config.mysql
        server.host, server.database = url.hostname, database
        server.port = port or 3306
    server.user, server.password = user, password
    return config


def _sqlite(config: metadata_store_pb2.ConnectionConfig, path: str) -> None:
    config.sqlite.filename_uri = path
    config.sqlite.connection_mode = (
        metadata_store_pb2.SqliteMetadataSourceConfig.READWRITE_OPENCREATE
    )


def _unusable(reason: str) -> InputError:
    return InputError(
        f"{ADDRESS} cannot be used: {reason}; postgresql://user@host:5432/database,"
        " mysql://user@host:3306/database or sqlite:////folder/file would do"
    )
