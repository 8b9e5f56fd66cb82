from __future__ import annotations

import os

import pytest

from affectflow.quiet import quiet_stderr


def test_native_noise_is_dropped_and_later_words_are_not(capfd):
    with quiet_stderr():
        os.write(2, b"noise\n")
    os.write(2, b"word\n")
    assert capfd.readouterr().err == "word\n"


def test_what_was_said_comes_back_with_an_error(capfd):
    def fail() -> None:
        with quiet_stderr():
            os.write(2, b"the reason\n")
            raise RuntimeError("failed")

    with pytest.raises(RuntimeError, match="failed"):
        fail()
    assert "the reason" in capfd.readouterr().err


def test_no_descriptor_leaks():
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with quiet_stderr():
            pass
    assert len(os.listdir("/proc/self/fd")) == before
