"""Folders with faces: real mode bits, under the umasks that people and clusters have."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest

from affectflow.private import open_to_everyone, private_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask():
    """umask(mask), until the test is over."""
    before = os.umask(0)
    os.umask(before)
    yield os.umask
    os.umask(before)


# 0o777 less the umask and less all that others might do; a folder above is made as by mkdir -p.
@pytest.mark.parametrize(
    ("mask", "own", "above"),
    [(0o022, 0o750, 0o755), (0o002, 0o770, 0o775), (0o077, 0o700, 0o700), (0, 0o770, 0o777)],
)
def test_a_new_folder_is_closed_to_others_whatever_the_umask(tmp_path, umask, mask, own, above):
    umask(mask)
    private_folder(tmp_path / "shared/ws")
    assert mode(tmp_path / "shared/ws") == own
    assert mode(tmp_path / "shared") == above


def test_the_group_of_a_folder_above_is_passed_on(tmp_path, umask):
    umask(0o002)
    tmp_path.chmod(0o2770)
    private_folder(tmp_path / "ws")
    # Linux hands the setgid bit down, so what runs of other users make stays the group's.
    assert mode(tmp_path / "ws") == 0o2770
    assert (tmp_path / "ws").stat().st_gid == tmp_path.stat().st_gid


def test_a_folder_that_is_there_stays_as_its_maker_wants_it(tmp_path):
    for wanted in (0o755, 0o777, 0o700):
        tmp_path.chmod(wanted)
        private_folder(tmp_path)
        assert mode(tmp_path) == wanted


def test_a_file_of_that_name_is_no_folder(tmp_path):
    (tmp_path / "ws").touch()
    with pytest.raises(NotADirectoryError, match="ws"):
        private_folder(tmp_path / "ws")


@pytest.fixture
def public():
    """A folder that everyone on the machine can reach, as pytest's own cannot."""
    folder = Path(tempfile.mkdtemp(prefix="affectflow-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("bits", "is_open"),
    [(0o755, True), (0o751, True), (0o754, True), (0o750, False), (0o770, False), (0o700, False)],
)
def test_who_may_read_is_seen(public, bits, is_open):
    folder = public / "ws"
    folder.mkdir()
    folder.chmod(bits)
    assert open_to_everyone(folder) is is_open
    # Nobody comes by what lies below a closed one.
    public.chmod(0o700)
    assert not open_to_everyone(folder)


def test_a_folder_that_is_not_there_is_open_to_nobody(public):
    assert not open_to_everyone(public / "none")
