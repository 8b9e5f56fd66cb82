""".ci/run: lint, then test, from any folder, with an honest exit status."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

# make is a stand-in that says what was asked of it, whether stdin is empty, and CI's value.
FAKE_MAKE = r"""#!/bin/sh
echo "make $* in $(pwd) CI=$CI stdin=[$(cat)]"
[ "$1" != "$FAIL" ]
"""


@pytest.fixture
def ci(tmp_path, repository):
    """Runs a copy of .ci/run by its path from another folder; returns the finished process."""
    (tmp_path / "bin").mkdir()
    fake = tmp_path / "bin" / "make"
    fake.write_text(FAKE_MAKE)
    fake.chmod(0o755)
    # As if the servers of test-deployment and the browser were installed: nothing is to be fetched.
    for program in ("redis-server", "initdb", "chromium"):
        (tmp_path / "bin" / program).symlink_to("/bin/true")
    project = tmp_path / "project"
    (project / ".ci").mkdir(parents=True)
    shutil.copy(repository / ".ci/run", project / ".ci/run")

    def run(fail: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(project / ".ci/run")],
            env={"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "FAIL": fail},
            cwd="/",
            input="not for make",
            capture_output=True,
            text=True,
            timeout=60,
        )

    return project, run


def test_lints_then_tests_in_the_project(ci):
    project, run = ci
    done = run()
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"make lint in {project} CI=true stdin=[]",
        f"make test-deployment in {project} CI=true stdin=[]",
        f"make test-slow in {project} CI=true stdin=[]",
        f"make test-recipes in {project} CI=true stdin=[]",
        f"make test in {project} CI=true stdin=[]",
    ]


def test_stops_when_lint_fails(ci):
    _, run = ci
    done = run(fail="lint")
    assert done.returncode != 0
    assert "make test" not in done.stdout


def test_fails_when_the_tests_fail(ci):
    _, run = ci
    assert run(fail="test").returncode != 0
