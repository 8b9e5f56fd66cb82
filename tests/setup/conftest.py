"""Fake machines: a folder of commands that stands for the whole PATH, and fake interpreters."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# What the scripts in tools/ may take for granted beside a Python.
BASICS = ["sh", "dirname", "ls", "grep", "sed", "mkdir", "mktemp", "mv", "rm", "touch", "cat"]


class Machine:
    """A copy of tools/ and a PATH of its own, so that nothing of this machine is found."""

    def __init__(self, folder: Path):
        self.bin = folder / "bin"
        self.home = folder / "home"
        self.project = folder / "a project"
        for path in (self.bin, self.home, self.project):
            path.mkdir()
        for name in BASICS:
            (self.bin / name).symlink_to(shutil.which(name) or pytest.skip(f"no {name} here"))
        shutil.copytree(ROOT / "tools", self.project / "tools")

    def script(self, path: Path, *lines: str) -> Path:
        """Writes an executable shell script."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        path.chmod(0o755)
        return path

    def python(self, path: Path, version: str = "3.11") -> Path:
        """Writes a stand-in for CPython: asked for one of several versions, prints its own path."""
        return self.script(
            path,
            "shift 2",
            f"for wanted; do [ \"$wanted\" = {version} ] && echo '{path}' && exit 0; done",
            "exit 1",
        )

    def run(self, *argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs a script of tools/ with nothing but this machine's PATH and HOME."""
        return subprocess.run(
            [str(self.project / "tools" / argv[0]), *argv[1:]],
            env={"PATH": str(self.bin), "HOME": str(self.home), **environment},
            cwd=self.project,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def one_line() -> Callable[[subprocess.CompletedProcess[str]], str]:
    """The error of a script that failed, which must be one line on stderr and nothing else."""

    def check(done: subprocess.CompletedProcess[str]) -> str:
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.endswith("\n")
        assert done.stderr.count(os.linesep) == 1
        return done.stderr

    return check
