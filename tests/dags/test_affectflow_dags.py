"""The DAG file as Airflow reads it: in a process of its own, by path."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.dags.toy import REPOSITORY, rebuild, release, write

# Loads the DAG file with `compiled` beside it replaced, and prints what Airflow would see.
LOAD = """
import sys, time, json, runpy
started = time.process_time()
import airflow.sdk, airflow.models
from airflow.sdk import DAG, BaseOperator, BaseOperatorLink, Asset, Param, TaskGroup
from airflow.sdk.configuration import conf
conf.get("core", "dags_folder")
began = time.process_time()
try:
    found = runpy.run_path(sys.argv[1])
    dags = sorted(name for name, value in found.items() if isinstance(value, DAG))
    error = None
except Exception as caught:
    dags, error = [], str(caught)
share = (time.process_time() - began) / (began - started)
heavy = sorted({name.split(".")[0] for name in sys.modules} &
               {"tensorflow", "tfx", "apache_beam", "keras", "kubernetes", "affectflow",
                "components", "pipelines"})
print(json.dumps({"dags": dags, "error": error, "share": share, "heavy": heavy}))
"""


@pytest.fixture
def load(tmp_path):
    """Loads the DAG file from a copy of dags/ whose compiled pipelines are the test's."""

    def run(dag_id=None, **options):
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("AIRFLOW__AFFECTFLOW__")
        }
        environment["AIRFLOW__AFFECTFLOW__WORKSPACE"] = "/ws"
        if dag_id:
            environment["_AIRFLOW_PARSING_CONTEXT_DAG_ID"] = dag_id
        for name, value in options.items():
            environment[f"AIRFLOW__AFFECTFLOW__{name.upper()}"] = value
        done = subprocess.run(
            [sys.executable, "-c", LOAD, str(tmp_path / "dags/affectflow_dags.py")],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    folder = tmp_path / "dags"
    folder.mkdir()
    text = (REPOSITORY / "dags/affectflow_dags.py").read_text()
    (folder / "affectflow_dags.py").write_text(text)
    return run


def test_every_compiled_pipeline_is_a_dag(load, tmp_path):
    write(tmp_path / "dags/compiled", rebuild(), release())
    seen = load()
    assert seen["error"] is None
    assert seen["dags"] == ["toy_rebuild", "toy_release"]


def test_all_problems_are_listed_at_once(load, tmp_path):
    folder = tmp_path / "dags/compiled"
    write(folder, rebuild(), release(format=9))
    (folder / "zzz.json").write_text("{")
    error = load(toy_schedule="never")["error"]
    assert len(error.splitlines()) == 3
    for part in ("toy_release.json: has format 9", "zzz.json: is not JSON", "schedule"):
        assert part in error


def test_a_recipe_without_its_release_and_an_option_without_meaning(load, tmp_path):
    write(tmp_path / "dags/compiled", rebuild())
    error = load(worker_pyton="/p")["error"]
    assert "its release is not" in error
    assert "did you mean 'worker_python'?" in error


def test_no_compiled_folder_at_all(load):
    assert "run 'affectflow compile'" in load()["error"]


def test_no_workspace(load, tmp_path):
    write(tmp_path / "dags/compiled", rebuild(), release())
    assert "affectflow.workspace = ''" in load(workspace="")["error"]


def test_a_running_task_is_not_stopped_by_another_pipelines_file(load, tmp_path):
    folder = tmp_path / "dags/compiled"
    write(folder, rebuild(), release())
    (folder / "zzz.json").write_text("{")
    seen = load(dag_id="toy_rebuild", no_such_option="1")
    assert (seen["error"], seen["dags"]) == (None, ["toy_rebuild"])
    assert "zzz.json" in load(dag_id="zzz")["error"]


def test_reading_the_dag_file_is_quick_and_takes_nothing_of_the_data_plane(load, tmp_path):
    compiled = REPOSITORY / "dags/compiled"
    (tmp_path / "dags/compiled").symlink_to(compiled)
    seen = load()
    assert seen["error"] is None
    assert len(seen["dags"]) == len(list(compiled.glob("*.json")))
    assert seen["heavy"] == []
    # Of what importing Airflow itself takes of a core, which a busy machine stretches as well.
    assert seen["share"] < 0.5


def test_airflow_takes_no_other_file_for_a_dag_file():
    from airflow._shared.module_loading.file_discovery import find_path_from_directory

    folder = REPOSITORY / "dags"
    found = find_path_from_directory(str(folder), ".airflowignore", "glob")
    assert [path for path in found if path.endswith(".py")] == [str(folder / "affectflow_dags.py")]
