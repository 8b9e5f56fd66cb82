"""ML Metadata's file as a broken disk leaves it: whoever opens it is told what to do."""

from __future__ import annotations

import pytest

from affectflow.errors import InputError
from bench.recorded import Recorder
from bench.recorded_runs import rebuild
from bench.review import fill
from pipelines.failure import explain
from pipelines.metadata_store import metadata_connection
from pipelines.review.store import open_store
from pipelines.workspace import Workspace

# A page of SQLite's; the first names all tables.
PAGE = 4096
DAMAGE = {
    "another file": lambda data: b"notes of mine\n" * 1000,
    "cut off": lambda data: data[: len(data) // 3],
    "a begin of noise": lambda data: b"\x8f" * 64 + data[64:],
    "tables of noise": lambda data: data[:200] + b"\x8f" * (PAGE - 200) + data[PAGE:],
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory) -> bytes:
    """A file that has three runs."""
    workspace = Workspace(tmp_path_factory.mktemp("ws"))
    fill(Recorder(workspace.root, metadata_connection(workspace, {})), 3, videos=3)
    return workspace.metadata.read_bytes()


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_is_named_with_what_to_do(recorded, tmp_path, damage):
    workspace = Workspace(tmp_path)
    workspace.metadata.write_bytes(DAMAGE[damage](recorded))
    remedy = r"damaged \(.*Put a copy of earlier in its place"
    with pytest.raises(InputError, match=remedy):
        open_store(workspace, environment={})
    with pytest.raises(Exception) as raised:  # noqa: PT011  ML Metadata raises what it likes
        rebuild(Recorder(workspace.root, metadata_connection(workspace, {})), "demo_rebuild.new")
    assert "Put a copy of earlier in its place" in explain(raised.value)
