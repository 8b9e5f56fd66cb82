"""Nothing is waited for too long, and nothing at all once it was told to stop."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from affectflow.video.pipe import Pipe


@pytest.fixture
def ends() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    yield read, write
    os.close(read)
    os.close(write)


def test_who_was_told_to_stop_does_not_wait(ends):
    read, write = ends
    stop = threading.Event()
    waiting = Pipe(read, 60.0, stop)
    os.write(write, b"abc")
    stop.set()
    room = bytearray(5)
    # What is there already is taken; for the rest one would have to wait.
    assert waiting.read_into(memoryview(room)) == 3
    with pytest.raises(TimeoutError):
        Pipe(read, 0.01).read_into(memoryview(room))


def test_some_bytes_are_given_as_soon_as_there_are_any(ends):
    read, write = ends
    os.write(write, b"abc")
    pipe = Pipe(read, 0.01)
    assert pipe.read_some(2) == b"ab"
    assert pipe.read_some(2) == b"c"
    with pytest.raises(TimeoutError):
        pipe.read_some()
