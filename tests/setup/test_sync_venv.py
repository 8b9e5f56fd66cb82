"""tools/sync-venv and the Makefile's rule: the stamp tells the truth, and nothing is done twice.

uv is a stand-in that writes its arguments down; an interpreter is made by its `venv` command.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import pytest

FAKE_UV = r"""
echo "$*" >>"$HOME/uv.log"
case "$1 $2" in
"venv --quiet")
    mkdir -p "$5/bin"
    cp "$HOME/venv-python" "$5/bin/python" ;;
"pip sync")
    [ -e "$HOME/broken" ] || exit 0
    [ -n "$CXX" ] && exit 0
    echo 'pyfarmhash did not build' >&2
    exit 1 ;;
"pip install")
    case "$*" in
    *ziglang*) while [ "$1" != --target ]; do shift; done; mkdir -p "$2/ziglang" ;;
    esac ;;
esac
"""

MADE = "venv --quiet"
# The locks, what declares older Pythons only, the project.
SYNCED = ["pip sync", "pip install", "pip install"]


@pytest.fixture
def site(machine, repository):
    """A machine with uv and a Python 3.11, and a project with a Makefile and its locks."""
    for name in ("cp", "chmod", "make", "awk", "find"):
        (machine.bin / name).symlink_to(shutil.which(name))
    machine.script(machine.bin / "uv", *FAKE_UV.splitlines())
    machine.python(machine.bin / "python3.11")
    # The environment's interpreter: exit 1 means "no compiler" when asked for one.
    machine.script(
        machine.home / "venv-python",
        'case "$2" in *shutil.which*) [ ! -e "$HOME/no-compiler" ] ;; esac',
    )
    shutil.copy(repository / "Makefile", machine.project)
    (machine.project / "setup.py").touch()
    (machine.project / "requirements").mkdir()
    for lock in ("worker.txt", "dev.txt", "tfx.txt", "airflow.txt"):
        (machine.project / "requirements" / lock).touch()
    return machine


def make(site, *targets: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *targets],
        env={"PATH": str(site.bin), "HOME": str(site.home)},
        cwd=site.project,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def calls(site, words: int | None = 2) -> list[str]:
    """uv's calls since the last question, by their first words."""
    log = site.home / "uv.log"
    lines = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return [" ".join(line.split()[:words]) for line in lines if line != "--version"]


def newer(path) -> None:
    future = time.time() + 10
    os.utime(path, (future, future))


def test_the_environment_is_made_once(site):
    assert make(site, ".venv").returncode == 0
    assert (site.project / ".venv/.synced").exists()
    assert calls(site) == [MADE, *SYNCED]
    assert "Nothing to be done" in make(site, ".venv").stdout
    assert calls(site) == []


def test_what_declares_older_pythons_comes_with_its_hashes_and_without_what_it_asks_for(site):
    make(site, ".venv")
    locked, unchecked = calls(site, None)[1:3]
    assert locked.endswith("requirements/worker.txt requirements/dev.txt")
    assert unchecked.endswith("--requirement requirements/tfx.txt")
    for option in ("--no-deps", "--require-hashes", "--only-binary :all:", "--python-version 3.10"):
        assert option in unchecked


def test_airflow_takes_the_newer_python_if_there_is_one_and_is_made_of_one_lock(site):
    assert make(site, ".venv-airflow").returncode == 0
    made, locked, project = calls(site, None)
    assert str(site.bin / "python3.11") in made
    assert locked.endswith("requirements/airflow.txt")
    assert project.endswith("--editable .")
    newer_one = site.python(site.bin / "python3.12", version="3.12")
    make(site, "clean")
    make(site, ".venv-airflow")
    assert str(newer_one) in calls(site, None)[0]


@pytest.mark.parametrize("changed", ["requirements/worker.txt", "requirements/tfx.txt", "setup.py"])
def test_a_changed_lock_or_setup_syncs_without_making_it_anew(site, changed):
    make(site, ".venv")
    calls(site)
    newer(site.project / changed)
    assert make(site, ".venv").returncode == 0
    assert calls(site) == SYNCED


def test_a_failed_install_leaves_no_stamp_and_shows_the_error(site):
    (site.home / "broken").touch()
    done = make(site, ".venv")
    assert done.returncode != 0
    assert "pyfarmhash did not build" in done.stderr
    assert not (site.project / ".venv/.synced").exists()


def test_an_install_that_fails_after_a_good_one_takes_the_stamp_away(site):
    make(site, ".venv")
    (site.home / "broken").touch()
    newer(site.project / "setup.py")
    assert make(site, ".venv").returncode != 0
    assert not (site.project / ".venv/.synced").exists()


def test_what_a_killed_install_left_is_not_built_upon(site):
    make(site, ".venv")
    leftover = site.project / ".venv/lib/half a package"
    leftover.mkdir(parents=True)
    (site.project / ".venv/.synced").unlink()
    calls(site)
    assert make(site, ".venv").returncode == 0
    assert not leftover.exists()
    assert calls(site) == [MADE, *SYNCED]


def test_an_environment_whose_python_is_gone_is_made_anew(site):
    make(site, ".venv")
    calls(site)
    site.script(site.project / ".venv/bin/python", "exit 127")
    newer(site.project / "setup.py")
    make(site, ".venv")
    assert calls(site) == [MADE, *SYNCED]


def test_without_a_compiler_one_is_fetched_and_the_install_tried_again(site):
    (site.home / "broken").touch()
    (site.home / "no-compiler").touch()
    done = make(site, ".venv")
    assert done.returncode == 0
    assert "no C++ compiler on PATH" in done.stderr
    assert calls(site) == [MADE, "pip sync", "pip install", *SYNCED]
    assert os.access(site.project / ".tools/zig/c++", os.X_OK)


def test_help_is_the_default_and_names_every_target(site):
    done = make(site)
    targets = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("make ")}
    assert targets == {
        *("help", ".venv", ".venv-airflow", "demo", "airflow", "compile", "recipes"),
        *("test", "test-worker", "test-dags", "test-slow", "test-deployment", "test-recipes"),
        "test-long",
        "test-cuts",
        "test-losses",
        "torture",
        *("lint", "format", "bench", "lock", "audit", "clean"),
    }
    assert calls(site) == []


def test_clean_removes_the_environment_and_keeps_the_sources(site):
    make(site, ".venv")
    assert make(site, "clean").returncode == 0
    assert not (site.project / ".venv").exists()
    assert (site.project / "setup.py").exists()
