"""Who may read a workspace: real mode bits, of what commands and a scheduler's nodes make."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest

from pipelines.run_node import main
from pipelines.workspace import Workspace


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture(scope="module", autouse=True)
def _usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def first_node(corpus, caplog):
    """first_node(workspace, run): a cheap node of a rebuild, as a scheduler's worker runs it."""
    caplog.set_level("WARNING")

    def run(workspace: Path, name: str) -> str:
        caplog.clear()
        status = main(
            ["--pipeline", "demo_rebuild", "--node", "FramesSchema", "--workspace", str(workspace),
             "--run-id", f"demo_rebuild.{name}", "--parameters", f'{{"data": "{corpus}"}}']
        )  # fmt: skip
        assert status == 0
        return caplog.text

    return run


def test_a_workspace_is_closed_to_others_and_open_to_the_group(corpus, rebuild, tmp_path):
    # Without a label there is nothing to balance: it ends with the faces, which is enough here.
    videos = shutil.copytree(corpus / "videos", tmp_path / "videos")
    done = rebuild(videos, tmp_path / "ws", "--corpus", "folder")
    assert done.outcome.code == 0, done.outcome.err
    assert mode(done.workspace) == 0o750
    assert list((done.workspace / "faces").glob("*/*.zip"))
    # As the umask has it: the group of a cluster's workers reads all that one of them made.
    for path in done.workspace.rglob("*"):
        wanted = 0o050 if path.is_dir() else 0o040
        assert mode(path) & 0o070 == wanted, f"{path}: {mode(path):o}"


def test_so_is_one_that_a_node_makes(first_node, tmp_path):
    first_node(tmp_path / "ws", "r1")
    assert mode(tmp_path / "ws") == 0o750
    (log,) = (tmp_path / "ws/logs").iterdir()
    assert mode(log) & 0o070 == 0o040


def test_a_folder_of_the_users_own_is_left_as_it_is(first_node, tmp_path):
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws").chmod(0o711)
    first_node(tmp_path / "ws", "r1")
    assert mode(tmp_path / "ws") == 0o711


def test_one_that_everybody_may_read_is_said_once_a_run(first_node):
    # pytest's own folders are closed to others.
    folder = Path(tempfile.mkdtemp(prefix="affectflow-test-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        warned = f"everyone on this machine may read it: chmod o-rwx {folder} would close it"
        assert [warned in first_node(folder, run) for run in ("r1", "r1", "r2")] == [
            True, False, True,
        ]  # fmt: skip
        folder.chmod(0o750)
        assert Workspace(folder).warning is None
        assert warned not in first_node(folder, "r3")
    finally:
        shutil.rmtree(folder)
