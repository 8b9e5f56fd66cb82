"""Tests that run a real Airflow. They need its environment: ``make test-dags``."""

from __future__ import annotations

import importlib.util
import subprocess
from pathlib import Path

import pytest

if importlib.util.find_spec("airflow") is None:
    collect_ignore_glob = ["*.py"]
else:
    from tests.scheduling.airflow_site import PROJECT

WORKER = Path(__file__).resolve().parents[2] / ".venv/bin"


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Path:
    """Four people, a video of 70 frames each and one of two of them, by the real renderer."""
    if not (WORKER / "affectflow").exists():
        pytest.skip("the worker environment is not there: run 'make .venv'")
    folder = tmp_path_factory.mktemp("corpus") / "rendered"
    subprocess.run(
        [WORKER / "affectflow", "synth", "--out", folder, "--subjects", "4", "--clips", "1",
         "--seconds", "7", "--fps", "10", "--size", "200"],
        cwd=PROJECT, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=600,
    )  # fmt: skip
    return folder
