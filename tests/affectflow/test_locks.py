"""Locks between processes, and that the dead hold none."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest

from affectflow.locks import held, held_if_free, is_held

HOLDER = """
import sys, time
from pathlib import Path
from affectflow.locks import held
with held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def lock(tmp_path):
    return tmp_path / "new" / "folder" / ".lock"


@pytest.fixture
def holder(lock):
    """A process that holds the lock."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, lock], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_lock_that_nobody_holds(lock):
    assert not is_held(lock)  # there is no file
    with held(lock):
        assert is_held(lock)
    assert not is_held(lock)
    with held_if_free(lock) as free:
        assert free
        assert is_held(lock)


def test_a_process_that_is_killed_holds_nothing(lock, holder):
    assert is_held(lock)
    with held_if_free(lock) as free:
        assert not free
    holder.kill()
    holder.wait()
    assert not is_held(lock)
    with held_if_free(lock) as free:
        assert free


def test_others_wait_until_it_is_let_go(lock, holder):
    got = []

    def wait():
        with held(lock):
            got.append(True)

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.3)
    assert not got
    holder.kill()
    waiting.join(timeout=30)
    assert got
