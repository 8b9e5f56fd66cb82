"""tools/uv: which uv runs, and that pip's mirror and certificate reach it."""

from __future__ import annotations

import os
import shutil

import pytest

SHOW = 'echo "index=$UV_DEFAULT_INDEX cert=$SSL_CERT_FILE args=$*"'

# A Python 3 whose pip installs a uv that shows what reached it, and whose pip is configured
# for a mirror. $target is the value after --target.
FAKE_PYTHON = r"""
case "$*" in
*"-m venv"*) exit 1 ;;
*"-m pip config list"*)
    echo "global.index-url='https://mirror.invalid/simple'"
    echo "global.cert='$HOME/ca.pem'" ;;
*"-m pip install"*)
    echo run >>"$HOME/installs"
    [ -e "$HOME/offline" ] && { echo 'no such index' >&2; exit 1; }
    while [ "$1" != --target ]; do shift; done
    mkdir -p "$2/bin"
    printf '#!/bin/sh\necho "index=$UV_DEFAULT_INDEX cert=$SSL_CERT_FILE args=$*"\n' >"$2/bin/uv"
    chmod +x "$2/bin/uv" ;;
esac
"""


@pytest.fixture
def bare(machine):
    """A machine with a Python 3 that has pip but no venv module, and no uv."""
    (machine.bin / "chmod").symlink_to(shutil.which("chmod"))
    machine.script(machine.bin / "python3", *FAKE_PYTHON.splitlines())
    (machine.home / "ca.pem").touch()
    return machine


def test_uv_on_path_is_used_as_it_is(machine):
    machine.script(machine.bin / "uv", SHOW)
    done = machine.run("uv", "pip", "two words")
    assert done.stdout == "index= cert= args=pip two words\n"
    assert not (machine.project / ".tools").exists()


def test_uv_is_installed_once_and_privately(bare):
    first = bare.run("uv", "pip", "sync")
    second = bare.run("uv", "pip", "sync")
    assert "installing uv into .tools" in first.stderr
    assert first.stdout.endswith("args=pip sync\n")
    assert (second.stdout, second.stderr) == (first.stdout, "")
    assert (bare.home / "installs").read_text() == "run\n"
    assert os.listdir(bare.project / ".tools") == ["uv"]


def test_pips_mirror_and_certificate_reach_uv(bare):
    done = bare.run("uv", "x")
    assert done.stdout == (f"index=https://mirror.invalid/simple cert={bare.home}/ca.pem args=x\n")


def test_settings_of_uv_win_over_those_of_pip(bare):
    done = bare.run("uv", "x", UV_DEFAULT_INDEX="https://uv.invalid", SSL_CERT_FILE="/uv.pem")
    assert done.stdout == "index=https://uv.invalid cert=/uv.pem args=x\n"


def test_a_failed_install_says_why_and_leaves_nothing(bare):
    (bare.home / "offline").touch()
    done = bare.run("uv", "x")
    assert done.returncode == 1
    assert "no such index" in done.stderr
    assert "put uv on PATH" in done.stderr
    assert os.listdir(bare.project / ".tools") == []


def test_without_uv_and_python_it_says_what_to_install(machine, one_line):
    assert "no uv and no Python 3" in one_line(machine.run("uv", "x"))


def test_a_python3_that_refuses_is_passed_over(bare, tmp_path):
    refuses = bare.script(tmp_path / "shims" / "python3", "exit 127")
    done = bare.run("uv", "x", PATH=f"{refuses.parent}:{bare.bin}")
    assert done.returncode == 0
    assert done.stdout.endswith("args=x\n")
