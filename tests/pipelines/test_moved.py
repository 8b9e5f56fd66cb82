"""A workspace that stands elsewhere than when its runs were recorded."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pipelines.moved import Finder, local_path, placeless, settle
from pipelines.rebuild_data import describe_rebuild
from pipelines.runs import latest_run
from pipelines.workspace import Workspace


@pytest.fixture
def finder(tmp_path):
    (tmp_path / "ws/artifacts/demo_rebuild/Transform/graph/7").mkdir(parents=True)
    (tmp_path / "ws/releases/0001").mkdir(parents=True)
    return Finder(Workspace(tmp_path / "ws"), ["demo_release", "demo_rebuild"])


GRAPH = "artifacts/demo_rebuild/Transform/graph/7"


@pytest.mark.parametrize("uri", [f"/old/place/{GRAPH}", f"file:///old/place/{GRAPH}"])
def test_what_a_node_gave_is_found_below_the_workspace(finder, uri):
    assert finder.former_root(uri) == "/old/place"
    assert finder.find(uri) == str(finder.workspace.root / GRAPH)


@pytest.mark.parametrize(
    "recorded",
    [
        "/old/place/artifacts/demo_rebuild/Transform/graph/8",  # not here
        "/old/place/artifacts/other_rebuild/Transform/graph/7",  # of no pipeline of this workspace
        "/data/releases/0001",  # of another workspace, for all that is known
        "artifacts/demo_rebuild", "", "0.5", "/",
    ],
)  # fmt: skip
def test_what_is_not_known_to_be_ours_stays_where_it_was_recorded(finder, recorded):
    assert finder.find(recorded) == recorded


def test_where_the_former_folder_is_known_all_of_it_is_found(finder):
    root = finder.workspace.root
    values = {"release": "/old/releases/0001", "number": 1, "list": [f"/old/{GRAPH}", "/older"]}
    assert finder.find_all(values, "/old") == {
        "release": str(root / "releases/0001"), "number": 1, "list": [str(root / GRAPH), "/older"],
    }  # fmt: skip
    assert finder.find("/old-and-other/releases/0001", "/old") == "/old-and-other/releases/0001"
    assert finder.find(str(root / GRAPH)) == str(root / GRAPH)


def test_work_is_told_without_the_workspace_s_place():
    def told(root):
        values = {
            "store": f"{root}/faces", "root": root, "uri": f"file://{root}/a%20b", "epochs": 3,
            "lineage": json.dumps({"list": [f"{root}/releases/0001", 1], "corpus": "/corpus"}),
        }  # fmt: skip
        return placeless(values, root)

    # JSON writes "é" as an escape.
    assert told("/data/ws") == told("/mnt/été/ws")
    assert told("/data/ws")["epochs"] == 3
    for other in ("/data/ws-2/faces", "/mnt/data/ws/faces", "data/ws", "", "{", '{"a":"/b"}'):
        assert placeless(other, "/data/ws") == other


def test_a_uri_s_path():
    assert local_path("file:///a%20b/c") == "/a b/c"
    assert local_path("/a%20b/c") == "/a%20b/c"


@pytest.fixture
def moved(rebuilt, tmp_path) -> Workspace:
    """The workspace of a rebuild, in another folder."""
    return Workspace(Path(shutil.copytree(rebuilt.workspace, tmp_path / "elsewhere")).resolve())


def uris(moved, affectflow) -> list[str]:
    done = affectflow("runs", "show", "latest", "-w", moved.root, "--json")
    assert done.code == 0, done.err
    nodes = json.loads(done.out)["nodes"]
    return [artifact["uri"] for node in nodes for artifact in node["outputs"]]


def test_runs_are_shown_from_where_they_are(moved, affectflow):
    listed = json.loads(affectflow("runs", "list", "-w", moved.root, "--json").out)["runs"]
    assert [run["problems"] for run in listed] == [[]] * len(listed)
    found = uris(moved, affectflow)
    assert len(found) > 6
    assert all(Path(uri).is_relative_to(moved.root) for uri in found)
    # Looking changes nothing: the mark is still that of where the run was made.
    assert (moved.root / ".root").read_text() != str(moved.root)


def test_pages_that_are_written_anew_are_as_full_as_before(moved, rebuilt, affectflow):
    page = next((moved.root / "reports").glob("demo_rebuild*.html"))
    before = page.read_text()
    done = affectflow("site", "-w", moved.root, "--all", "--out", moved.root / "reports")
    assert done.code == 0, done.err
    after = page.read_text()
    assert "deleted" not in after
    assert after.count("<svg") == before.count("<svg") > 0


def test_what_a_release_trains_on_is_of_the_moved_workspace(moved, rebuilt):
    assert settle(moved) > 0
    data = describe_rebuild(latest_run(moved, "demo_rebuild", "Transform"))
    for name in ("frames", "balanced", "transformed", "graph", "counts", "rejects"):
        assert Path(data[name]).is_relative_to(moved.root), name
        assert Path(data[name]).is_dir()
    assert settle(moved) == 0
    # The original's own records are as they were.
    original = describe_rebuild(
        latest_run(Workspace(rebuilt.workspace), "demo_rebuild", "Transform")
    )
    assert Path(original["frames"]).is_relative_to(rebuilt.workspace)


def test_a_rebuild_after_a_move_does_nothing_again(moved, corpus, rebuild, affectflow):
    again = rebuild(corpus, moved.root)
    assert again.outcome.code == 0, again.outcome.err
    assert set(again.outcome.states.values()) == {"reused"}
    assert len(again.outcome.states) == 6
    assert all(Path(uri).is_relative_to(moved.root) for uri in uris(moved, affectflow))
