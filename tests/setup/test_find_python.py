"""tools/find-python on fake machines: which interpreter it takes, and what it says if none."""

from __future__ import annotations

import sys

HERE = ".".join(map(str, sys.version_info[:2]))


def test_a_python_on_path_is_taken(machine):
    expected = machine.python(machine.bin / "python3.11")
    assert machine.run("find-python", "3.11").stdout == f"{expected}\n"


def test_a_shim_that_refuses_is_passed_over_for_the_next_folder_on_path(machine, tmp_path):
    machine.script(
        machine.bin / "python3.11", "echo 'pyenv: python3.11: command not found' >&2", "exit 127"
    )
    expected = machine.python(tmp_path / "other bin" / "python3.11")
    done = machine.run("find-python", "3.11", PATH=f"{machine.bin}:{expected.parent}")
    assert (done.stdout, done.stderr) == (f"{expected}\n", "")


def test_python3_counts_when_it_is_of_that_version(machine):
    expected = machine.python(machine.bin / "python3")
    assert machine.run("find-python", "3.11").stdout == f"{expected}\n"


def test_the_first_version_is_looked_for_everywhere_before_the_second(machine, tmp_path):
    machine.python(machine.bin / "python3")
    expected = machine.python(tmp_path / "pyenv/versions/3.12.1/bin/python3.12", version="3.12")
    done = machine.run("find-python", "3.12", "3.11", PYENV_ROOT=str(tmp_path / "pyenv"))
    assert done.stdout == f"{expected}\n"


def test_without_the_first_version_the_second_is_taken(machine):
    machine.python(machine.bin / "python3", version="3.13")
    expected = machine.python(machine.bin / "python3.11")
    assert machine.run("find-python", "3.12", "3.11").stdout == f"{expected}\n"


def test_pyenv_root_is_searched_behind_a_shim_and_a_wrong_python3(machine, tmp_path):
    machine.script(machine.bin / "python3.11", "exit 127")
    machine.python(machine.bin / "python3", version="3.12")
    machine.python(tmp_path / "pyenv/versions/3.12.1/bin/python3.12", version="3.12")
    expected = machine.python(tmp_path / "pyenv/versions/3.11.7/bin/python3.11")
    done = machine.run("find-python", "3.11", PYENV_ROOT=str(tmp_path / "pyenv"))
    assert done.stdout == f"{expected}\n"


def test_a_broken_pyenv_version_does_not_hide_a_good_one(machine, tmp_path):
    machine.script(tmp_path / "pyenv/versions/3.11.13/bin/python3.11", "exit 1")
    expected = machine.python(tmp_path / "pyenv/versions/3.11.9/bin/python3.11")
    done = machine.run("find-python", "3.11", PYENV_ROOT=str(tmp_path / "pyenv"))
    assert done.stdout == f"{expected}\n"


def test_pyenv_in_home_is_searched_without_pyenv_root(machine):
    expected = machine.python(machine.home / ".pyenv/versions/3.11.4/bin/python3.11")
    assert machine.run("find-python", "3.11").stdout == f"{expected}\n"


def test_python_variable_wins_over_path(machine, tmp_path):
    machine.python(machine.bin / "python3.12", version="3.12")
    expected = machine.python(tmp_path / "mine" / "python")
    done = machine.run("find-python", "3.12", "3.11", PYTHON=str(expected))
    assert done.stdout == f"{expected}\n"


def test_wrong_python_variable_is_one_clear_line_and_no_fallback(machine, one_line):
    machine.python(machine.bin / "python3.11")
    wrong = machine.python(machine.bin / "python3.10", version="3.10")
    error = one_line(machine.run("find-python", "3.12", "3.11", PYTHON=str(wrong)))
    assert f"PYTHON={wrong} is not a Python 3.12 or 3.11 that runs" in error
    assert "leave PYTHON out" in error


def test_missing_python_variable_is_one_clear_line(machine, one_line):
    error = one_line(machine.run("find-python", "3.11", PYTHON="/nowhere/python"))
    assert "PYTHON=/nowhere/python is not a Python 3.11" in error


def test_uv_provides_the_first_version_when_nothing_else_does(machine, tmp_path):
    managed = machine.python(tmp_path / "managed" / "python3.12", version="3.12")
    machine.script(
        machine.bin / "uv",
        'case "$1 $2 $4$5" in',
        f'"python install 3.12") : >"{tmp_path}/installed" ;;',
        f'"python find --managed-python3.12") [ -e "{tmp_path}/installed" ] && echo "{managed}" ;;',
        "esac",
    )
    assert machine.run("find-python", "3.12", "3.11").stdout == f"{managed}\n"


def test_none_is_one_line_that_says_how_to_get_one(machine, one_line):
    error = one_line(machine.run("find-python", "3.11"))
    for way in ("apt install python3.11", "pyenv install 3.11", "make PYTHON="):
        assert way in error


def test_a_uv_that_cannot_download_gives_the_same_line(machine, one_line):
    machine.script(machine.bin / "uv", '[ "$1" = --version ] || { echo "no network" >&2; exit 2; }')
    error = one_line(machine.run("find-python", "3.12", "3.11"))
    assert "no Python 3.12 or 3.11 found: install one" in error


def test_the_version_check_itself_on_the_interpreter_that_runs_this(machine):
    # The fakes obey the check by construction; here a real interpreter answers it.
    done = machine.run("find-python", "3.8", HERE, PYTHON=sys.executable)
    assert done.stdout.strip() == sys.executable
    assert machine.run("find-python", "3.8", PYTHON=sys.executable).returncode == 1
