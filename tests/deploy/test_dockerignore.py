"""What the image's ``COPY . .`` takes in."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def allowed() -> set[str]:
    lines = (PROJECT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*", "what is not named would be taken in"
    return {rule[1:] for rule in rules if rule.startswith("!")}


def test_all_packages_and_what_makes_the_environments_are_in_it(allowed):
    setup = (PROJECT / "setup.py").read_text()
    packages = re.search(r"^PACKAGES = \[(.*)\]$", setup, re.MULTILINE)
    makefile = (PROJECT / "Makefile").read_text()
    needs = re.findall(r"^\$\(.*ENVIRONMENT\)/\.synced: (.*)$", makefile, re.MULTILINE)
    assert len(needs) == 2
    wanted = {word.split("/")[0] for line in needs for word in line.split() if "$" not in word}
    wanted |= set(re.findall(r'"(\w+)"', packages[1])) | {"Makefile", "requirements"}
    assert wanted <= allowed


def test_nothing_is_in_it_that_git_does_not_keep(allowed):
    if not (PROJECT / ".git").exists():
        pytest.skip("not a checkout")
    listed = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert allowed <= {path.split("/")[0] for path in listed.stdout.splitlines()}
