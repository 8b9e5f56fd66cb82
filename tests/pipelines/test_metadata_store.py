import pytest

from affectflow.errors import InputError
from pipelines.metadata_store import metadata_connection
from pipelines.workspace import Workspace


def connect(tmp_path, **environment):
    return metadata_connection(Workspace(tmp_path), environment)


def test_the_workspaces_file_is_the_default(tmp_path):
    config = connect(tmp_path)
    assert config.sqlite.filename_uri == str(tmp_path / "metadata.sqlite")
    assert config.retry_options.max_num_retries > 0


def test_a_file_elsewhere(tmp_path):
    config = connect(tmp_path, AFFECTFLOW_METADATA="sqlite:////data/m.sqlite")
    assert config.sqlite.filename_uri == "/data/m.sqlite"


def test_postgresql(tmp_path):
    config = connect(
        tmp_path,
        AFFECTFLOW_METADATA="postgresql://flow@db.example:5433/mlmd",
        AFFECTFLOW_METADATA_PASSWORD="p@ss/word",
    )
    server = config.postgresql
    assert (server.host, server.port, server.user) == ("db.example", "5433", "flow")
    assert (server.dbname, server.password) == ("mlmd", "p@ss/word")
    default = connect(tmp_path, AFFECTFLOW_METADATA="postgresql://u:p%40ss@h/db").postgresql
    assert (default.port, default.password) == ("5432", "p@ss")


def test_mysql(tmp_path):
    server = connect(tmp_path, AFFECTFLOW_METADATA="mysql://u@h/db").mysql
    assert (server.host, server.port, server.database, server.user) == ("h", 3306, "db", "u")


@pytest.mark.parametrize(
    "address",
    [
        "secret", "http://u:secret@h/db", "postgresql://u:secret@h", "postgresql:///db?secret",
        "postgresql://u:secret@h:port/db", "sqlite://secret",
    ],
)  # fmt: skip
def test_what_will_not_do_is_not_repeated(tmp_path, address):
    with pytest.raises(InputError, match="would do") as raised:
        connect(tmp_path, AFFECTFLOW_METADATA=address)
    assert "secret" not in str(raised.value)
    assert "AFFECTFLOW_METADATA cannot be used" in str(raised.value)
