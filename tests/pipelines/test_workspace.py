import subprocess
import sys
from pathlib import Path

import pytest

from affectflow.errors import AffectflowError, InputError
from pipelines.workspace import Workspace, workspace_lock

PROJECT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time
from pathlib import Path
from pipelines.workspace import Workspace, workspace_lock
with workspace_lock(Workspace(Path(sys.argv[1]))):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the workspace."""
    held = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "ws")], cwd=PROJECT, stdout=subprocess.PIPE
    )
    assert held.stdout.readline() == b"held\n"
    yield held
    held.kill()
    held.wait()
    held.stdout.close()


def test_everything_lies_below_the_root(tmp_path):
    workspace = Workspace(tmp_path)
    places = ["metadata", "artifacts", "faces", "training", "releases"]
    assert len({getattr(workspace, place) for place in places}) == 5
    assert all(getattr(workspace, place).parent == tmp_path for place in places)


def test_one_run_at_a_time(tmp_path, holder):
    workspace = Workspace(tmp_path / "ws")
    with (
        pytest.raises(AffectflowError, match=rf"\(process {holder.pid}\).*wait for it, or choose"),
        workspace_lock(workspace),
    ):
        pass
    # The refused one must not have written its own number over the holder's.
    assert (tmp_path / "ws/.lock").read_text() == str(holder.pid)


def test_a_killed_run_leaves_no_lock(tmp_path, holder):
    holder.kill()
    holder.wait()
    with workspace_lock(Workspace(tmp_path / "ws")):
        pass


def test_two_workspaces_do_not_know_of_each_other(tmp_path, holder):
    with workspace_lock(Workspace(tmp_path / "other")):
        assert (tmp_path / "other/.lock").exists()


def test_the_lock_is_given_back(tmp_path):
    workspace = Workspace(tmp_path / "ws")
    for _ in range(2):
        with workspace_lock(workspace):
            pass


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    # Neither place lets anybody make a folder, not even root.
    for root in (tmp_path / "file/ws", Path("/proc/affectflow-ws")):
        with (
            pytest.raises(InputError, match=r"cannot be written \(.+\); choose another with"),
            workspace_lock(Workspace(root)),
        ):
            pass
