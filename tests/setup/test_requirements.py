"""setup.py's ranges, the lock files and what the sources import agree."""

from __future__ import annotations

import re
import sys
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.source_imports import imported

PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)(?: \\)?$", re.MULTILINE)


@pytest.fixture(scope="module")
def declared(repository):
    """setup()'s keyword arguments, taken by running setup.py with setup() replaced."""
    import setuptools

    given = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(setuptools, "setup", lambda **keywords: given.update(keywords))
        patch.chdir(repository)
        path = repository / "setup.py"
        exec(compile(path.read_text(), str(path), "exec"), {"__file__": str(path)})
    return given


@pytest.fixture(scope="module")
def pins(repository):
    """Lock file name -> {package: version}."""
    return {
        name: {
            canonicalize_name(package): version
            for package, version in PIN.findall((repository / "requirements" / name).read_text())
        }
        for name in ("worker.txt", "dev.txt", "tfx.txt")
    }


@pytest.mark.parametrize(
    ("plane", "lock"),
    [
        ("library", "worker.txt"),
        ("predict", "worker.txt"),
        ("worker", "worker.txt"),
        ("dlib", "worker.txt"),
        ("library", "dev.txt"),
        ("dev", "dev.txt"),
    ],
)
def test_every_requirement_is_locked_within_its_range(declared, pins, plane, lock):
    ranges = (
        declared["install_requires"] if plane == "library" else declared["extras_require"][plane]
    )
    assert ranges
    for requirement in map(Requirement, ranges):
        version = pins[lock].get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in {lock}: run make lock"
        assert requirement.specifier.contains(version), f"{requirement} but {lock} has {version}"


def test_the_planes_are_complete(declared):
    assert set(declared["extras_require"]) == {"predict", "worker", "airflow", "dlib", "dev"}
    assert declared["python_requires"] == ">=3.11,<3.13"


def test_the_command_and_the_packages(declared):
    assert declared["entry_points"]["console_scripts"] == ["affectflow=pipelines.cli:main"]
    assert "affectflow" in declared["packages"]
    assert not [name for name in declared["packages"] if "tests" in name or "__pycache__" in name]


def test_both_locks_fit_into_one_environment(pins):
    common = pins["worker.txt"].keys() & pins["dev.txt"].keys()
    assert common
    assert {name: pins["worker.txt"][name] for name in common} == {
        name: pins["dev.txt"][name] for name in common
    }


@pytest.mark.parametrize(
    ("wanted", "lock"),
    [("worker.in", "worker.txt"), ("override.in", "worker.txt"), ("tfx.in", "tfx.txt")],
)
def test_what_was_tried_together_is_what_is_locked(repository, pins, wanted, lock):
    tried = PIN.findall((repository / "requirements" / wanted).read_text())
    assert tried
    assert {name: pins[lock][name] for name, _ in tried} == dict(tried)


def plain(requirement: Requirement) -> tuple[str, frozenset[str], frozenset[str]]:
    limits = frozenset(map(str, requirement.specifier))
    return canonicalize_name(requirement.name), frozenset(requirement.extras), limits


def test_what_is_installed_without_what_it_asks_for_has_it(repository, pins):
    # The second step of tools/sync-venv resolves nothing: worker.in asks in its place.
    listed = {
        plain(Requirement(line))
        for line in (repository / "requirements/worker.in").read_text().splitlines()
        if line and not line.startswith("#")
    }
    asked = {
        plain(requirement)
        for package in pins["tfx.txt"]
        for requirement in map(Requirement, distribution(package).requires or [])
        if requirement.marker is None and canonicalize_name(requirement.name) not in pins["tfx.txt"]
    }
    assert len(asked) > 20
    assert asked - listed == set()
    for name, _, limits in asked:
        assert SpecifierSet(",".join(limits)).contains(pins["worker.txt"][name])


def test_what_pips_own_check_says_is_what_is_set_aside(repository, pins):
    """docs/python.md explains each; setup.py's own ranges are checked above."""

    def has(requirement: Requirement) -> bool:
        pinned = pins["worker.txt"].get(canonicalize_name(requirement.name))
        return pinned is not None and requirement.specifier.contains(pinned, prereleases=True)

    unmet = {
        canonicalize_name(requirement.name)
        for package in pins["worker.txt"]
        for requirement in map(Requirement, distribution(package).requires or [])
        if (requirement.marker is None or requirement.marker.evaluate({"extra": ""}))
        and not has(requirement)
    }
    overrides = [
        Requirement(line)
        for line in (repository / "requirements/override.in").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert unmet == {canonicalize_name(each.name) for each in overrides}
    said = (repository / "docs/python.md").read_text()
    assert [name for name in unmet if f"`{name}`" not in said] == []


def test_an_explained_hole_is_of_a_package_that_is_locked(repository, pins):
    lines = (repository / "requirements/audit.txt").read_text().splitlines()
    explained = [line.split(None, 2) for line in lines if line and not line.startswith("#")]
    locked = set().union(*pins.values())
    assert explained
    assert [line for line in explained if len(line) < 3 or line[0] not in locked] == []


@pytest.mark.parametrize("name", ["worker.in", "worker.txt", "dev.txt", "tfx.txt"])
def test_requirements_name_no_host_and_no_index(repository, name):
    text = (repository / "requirements" / name).read_text()
    assert not re.search(r"://|file:|--(extra-)?index|--find-links|--trusted-host", text)


@pytest.mark.parametrize("name", ["worker.txt", "dev.txt", "tfx.txt"])
def test_every_pin_has_a_hash(repository, name):
    text = (repository / "requirements" / name).read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE)[1:]
    assert len(blocks) == len(PIN.findall(text))
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def provides(requirement: str) -> set[str]:
    """Top-level names that the installed distribution of a requirement puts on sys.path."""
    files = distribution(Requirement(requirement).name).files or []
    return {file.parts[0].split(".")[0] for file in files}


@pytest.mark.parametrize("folder", ["affectflow", "components", "pipelines"])
def test_what_the_sources_import_is_declared(repository, declared, pins, folder):
    planes = declared["extras_require"]
    known = {"affectflow", "components", "pipelines", "schemas", *sys.stdlib_module_names}.union(
        *map(provides, declared["install_requires"] + planes["worker"] + planes["dlib"]),
        *map(provides, pins["tfx.txt"]),
    )
    undeclared = {
        (str(path.relative_to(repository)), name)
        for path in (repository / folder).rglob("*.py")
        for name in imported(path) - known
    }
    assert undeclared == set()
