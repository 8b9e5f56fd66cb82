""".ci/run: lint, then all tests, from any folder, with an honest exit status."""

from __future__ import annotations

import os
import re
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
    said = [line for line in done.stdout.splitlines() if not line.startswith("==> ")]
    # What was beside others is said when it is done, the tests without servers last of all.
    assert said == [
        f"make {what} in {project} CI=true stdin=[]"
        for what in (
            "lint", ".venv .venv-airflow",
            "test-long", "test-deployment", "test-dags", "test-worker",
        )
    ]  # fmt: skip
    assert done.stdout.splitlines()[-1] == said[-1]


def test_says_how_long_each_part_took(ci):
    _, run = ci
    told = [line for line in run().stdout.splitlines() if line.startswith("==> ")]
    assert len(told) == 5
    assert all(re.fullmatch(r"==> make [a-z-]+: \d+ s", line) for line in told)


def test_stops_when_lint_fails(ci):
    _, run = ci
    done = run(fail="lint")
    assert done.returncode != 0
    assert "make test" not in done.stdout


@pytest.mark.parametrize("part", ["test-deployment", "test-long", "test-dags", "test-worker"])
def test_fails_when_tests_fail(ci, part):
    _, run = ci
    done = run(fail=part)
    assert done.returncode == 1
    # What was started beside it ran to its end all the same.
    pairs = ("test-deployment", "test-long"), ("test-dags", "test-worker")
    (pair,) = (pair for pair in pairs if part in pair)
    assert all(f"make {name} in" in done.stdout for name in pair)
