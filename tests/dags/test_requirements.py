"""The Airflow environment's lock file, setup.py's ranges and what dags/ imports agree."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import distribution, entry_points, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.dags.toy import REPOSITORY
from tests.source_imports import imported

LOCK = (REPOSITORY / "requirements/airflow.txt").read_text()
# The lock serves several versions of Python: a line may be for some of them alone.
LINES = [Requirement(line) for line in re.findall(r"^(\S+==.+) \\$", LOCK, re.MULTILINE)]
PINS = {
    canonicalize_name(line.name): str(line.specifier).removeprefix("==")
    for line in LINES
    if line.marker is None or line.marker.evaluate()
}
WANTED = [
    Requirement(line)
    for line in (REPOSITORY / "requirements/airflow.in").read_text().splitlines()
    if line and not line.startswith("#")
]


def declared() -> list[Requirement]:
    """setup.py's `airflow` requirements, from the installed project."""
    requirements = map(Requirement, distribution("affectflow").requires or [])
    return [each for each in requirements if each.marker and "airflow" in str(each.marker)]


def test_every_requirement_is_locked_within_its_range():
    assert len(declared()) >= 2
    for requirement in declared() + WANTED:
        pinned = PINS.get(canonicalize_name(requirement.name))
        assert pinned is not None, f"{requirement.name} is not locked: run make lock"
        assert requirement.specifier.contains(pinned)


@pytest.mark.parametrize("provider", ["celery", "cncf-kubernetes", "fab", "postgres"])
def test_the_providers_of_a_deployment_are_locked(provider):
    assert f"apache-airflow-providers-{provider}" in PINS


def test_tfx_is_not_in_this_environment():
    assert {"tfx", "tensorflow", "apache-beam"} & PINS.keys() == set()


def test_the_environment_is_the_lock():
    assert {name: version(name) for name in PINS} == PINS


def test_the_lock_names_no_host_and_every_pin_has_a_hash():
    assert not re.search(r"://|file:|--(extra-)?index|--find-links|--trusted-host", LOCK)
    blocks = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert len(blocks) == len(LINES)
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_airflow_finds_the_plugin():
    found = {each.value for each in entry_points(group="airflow.plugins")}
    assert "dags.plugin:AffectflowPlugin" in found


@pytest.mark.parametrize("folder", ["dags", "tools/local_airflow"])
def test_the_control_plane_imports_nothing_of_the_data_plane(folder):
    # croniter and kubernetes are requirements of Airflow and of its provider.
    allowed = {"dags", "tools", "airflow", "fastapi", "croniter", "kubernetes"}
    for path in (REPOSITORY / folder).glob("*.py"):
        assert imported(path) - allowed - set(sys.stdlib_module_names) == set(), path


@pytest.mark.parametrize("name", ["graph", "policy", "command", "settings"])
def test_the_neutral_half_knows_no_airflow_at_its_top(name):
    tree = ast.parse((REPOSITORY / f"dags/{name}.py").read_text())
    names = [each.module for each in tree.body if isinstance(each, ast.ImportFrom)]
    names += [each.names[0].name for each in tree.body if isinstance(each, ast.Import)]
    assert not [each for each in names if each and each.startswith("airflow")]
