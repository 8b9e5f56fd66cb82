"""Fixtures of the tests of dags/.

They need Airflow, so they run in .venv-airflow (make test-dags); the worker environment's pytest,
which has no Airflow, passes over them.
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from tests.dags.toy import Worker

if importlib.util.find_spec("airflow") is not None:
    # Before anything imports Airflow: it writes its configuration there.
    os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="affectflow-test-airflow-")
else:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    folder = tmp_path / "a worker"
    folder.mkdir()
    return Worker(folder)


@pytest.fixture
def airflow_environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets [affectflow] options for this process, by name."""
    for name in [name for name in os.environ if name.startswith("AIRFLOW__AFFECTFLOW__")]:
        monkeypatch.delenv(name)

    def give(**options: str) -> None:
        for name, value in options.items():
            monkeypatch.setenv(f"AIRFLOW__AFFECTFLOW__{name.upper()}", value)

    return give
