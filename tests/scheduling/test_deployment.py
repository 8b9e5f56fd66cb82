"""The parts of a cluster, for real: PostgreSQL, Redis, CeleryExecutor, a GPU's worker, users.

The rebuild that it runs meets with accidents while its nodes publish. ``make test-deployment`` runs
it.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import signal
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import quote

import psycopg2
import pytest

from dags.graph import read_graph
from dags.policy import policy_for
from dags.report import report_file
from tests.scheduling.airflow_site import (
    CACHED,
    COMPLETE,
    EXECUTIONS,
    HOST,
    PROJECT,
    AirflowSite,
    free_port,
    node_processes,
    wait_for,
)
from tests.scheduling.publishing import COMMIT, Proxy, Store
from tests.scheduling.servers import find_program, postgres, redis
from tests.scheduling.users import Visitor, add_role
from tools.local_airflow.site import USER, Site

REBUILD, RELEASE = "demo_rebuild", "demo_release"
TRAINERS = {"CnnTrainer", "RnnTrainer"}
METADATA = ("AFFECTFLOW_METADATA", "AFFECTFLOW_METADATA_PASSWORD")
WORKER_NAME = "AFFECTFLOW_TEST_WORKER"

pytestmark = [pytest.mark.deployment, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def servers(tmp_path_factory):
    missing = [name for name in ("initdb", "redis-server") if find_program(name) is None]
    assert not missing, f"{', '.join(missing)} is missing: apt-get install postgresql redis-server"
    root = tmp_path_factory.mktemp("servers")
    with postgres(["airflow", "mlmd"]) as database, redis(root / "redis") as url:
        yield database, url


@pytest.fixture(scope="module")
def store(servers):
    held = Store(servers[0])
    yield held
    held.close()


@pytest.fixture(scope="module")
def proxy(servers):
    """What stands between the nodes and ML Metadata."""
    between = Proxy(servers[0].port)
    yield between
    between.close()


@pytest.fixture(scope="module")
def airflow(servers, proxy, tmp_path_factory):
    database, broker = servers
    root, port = tmp_path_factory.mktemp("airflow"), free_port()
    settings = cluster_settings(
        AIRFLOW_PASSWORD=database.passwords["airflow"],
        MLMD_PASSWORD=database.passwords["mlmd"],
        POSTGRES=f"{HOST}:{database.port}",
        REDIS=broker,
        API_SERVER=f"http://{HOST}:{port}",
        JWT_SECRET=secrets.token_hex(32),
        SESSION_SECRET=secrets.token_hex(32),
        WORKSPACE=str(root / "workspace"),
    )
    # Workers alone know where ML Metadata is.
    metadata = {name: settings[name] for name in METADATA}
    metadata[METADATA[0]] = metadata[METADATA[0]].replace(f":{database.port}/", f":{proxy.port}/")
    site = AirflowSite(
        Site(root / "home", root / "workspace", port),
        {
            **{name: value for name, value in settings.items() if name not in metadata},
            "AIRFLOW__CORE__PARALLELISM": "4",
        },
    )
    site.prepare()
    # As README has it; the password is asked for, twice.
    site.cli(
        "users", "create", "--role", "Admin", "--username", USER, "--firstname", "Ana",
        "--lastname", "Admin", "--email", "ana@example.org", said=f"{site.site.password()}\n" * 2,
    )  # fmt: skip
    try:
        for queue, slots in (("default", "2"), ("gpu", "1")):
            site.start(
                f"worker-{queue}", "celery", "worker", "--queues", queue, "--concurrency", slots,
                "--celery-hostname", f"{queue}@%h", "--skip-serve-logs",
                **metadata, **{WORKER_NAME: queue},
            )  # fmt: skip
        site.start_all()
        yield site
    finally:
        site.stop_all()


def cluster_settings(**values: str) -> dict[str, str]:
    """deploy/cluster.env as a process would get it."""
    lines = (PROJECT / "deploy/cluster.env").read_text().splitlines()
    pairs = [line.split("=", 1) for line in lines if line and not line.startswith("#")]
    return {
        name: re.sub(r"\$\{(\w+)(?::-[^}]*)?\}", lambda found: values[found[1]], text)
        for name, text in pairs
    }


class Watch(threading.Thread):
    """Notes on which worker, and with which GPUs, each node's process runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: dict[str, set[tuple[str, str]]] = {}
        self.together = 0
        self._over = threading.Event()

    def run(self) -> None:
        nodes = [*compiled_outputs(REBUILD), *compiled_outputs(RELEASE)]
        while not self._over.wait(0.3):
            at_work = 0
            for node in nodes:
                for process in node_processes(node):
                    at_work += 1
                    variables = environment_of(process)
                    if WORKER_NAME in variables:
                        where = variables[WORKER_NAME], variables.get("CUDA_VISIBLE_DEVICES", "")
                        self.seen.setdefault(node, set()).add(where)
            self.together = max(self.together, at_work)

    def stop(self) -> None:
        self._over.set()
        self.join()


def environment_of(process: int) -> dict[str, str]:
    try:
        text = Path(f"/proc/{process}/environ").read_bytes().decode("utf-8", "replace")
    except OSError:
        return {}
    return dict(line.split("=", 1) for line in text.split("\0") if "=" in line)


def compiled_outputs(pipeline: str) -> dict[str, set[str]]:
    """Node -> keys of its outputs, as the committed pipeline says."""
    values = json.loads((PROJECT / "dags/compiled" / f"{pipeline}.json").read_text())
    nodes = [node["pipeline_node"] for node in values["ir"]["nodes"]]
    return {node["node_info"]["id"]: set(node["outputs"]["outputs"]) for node in nodes}


@pytest.fixture(scope="module")
def ended(airflow, corpus, store, proxy):
    """A rebuild by hand and the release that its asset starts, both to their end.

    In the middle of publishing FramesSchema is killed, StatisticsGen's server process ends, and
    DensitySampler's connection is cut once it has asked to commit, which happens all the same.
    """
    watch = Watch()
    watch.start()
    with store.held(f"{REBUILD}.DensitySampler", COMMIT) as doubtful:
        with store.held(f"{REBUILD}.StatisticsGen") as lost:
            with store.held(f"{REBUILD}.FramesSchema") as killed:
                rebuild = airflow.trigger(
                    REBUILD, **{"data": str(corpus), "ingest.shard_frames": 40}
                )
                killed.waiting()
                (process,) = node_processes("FramesSchema", rebuild)
                os.kill(process, signal.SIGKILL)
                gone = Path(f"/proc/{process}")
                wait_for("FramesSchema is gone", lambda: not gone.exists())
            store.rows("SELECT pg_terminate_backend(%s)", lost.waiting()[0])
        server, port = doubtful.waiting()
        proxy.cut(port)
        # It cannot know that the first will get through, and publishes again meanwhile.
        doubtful.wait_for_another(server)
    assert airflow.ended(REBUILD, rebuild) == "success", airflow.tasks(REBUILD, rebuild)
    release = wait_for("a release by asset", lambda: airflow.runs(RELEASE))[0]["dag_run_id"]
    assert airflow.ended(RELEASE, release) == "success", airflow.tasks(RELEASE, release)
    watch.stop()
    return rebuild, release, watch


def test_a_rebuild_and_the_release_that_it_starts_go_green(airflow, ended):
    rebuild, release, _ = ended
    assert set(airflow.tasks(REBUILD, rebuild).values()) == {"success"}
    tasks = airflow.tasks(RELEASE, release)
    # So few frames do not teach what the gate asks for.
    assert tasks.pop("Pusher") in ("success", "skipped")
    assert set(tasks.values()) == {"success"}


def test_trainers_ran_on_the_gpu_worker_only(ended):
    watch = ended[2]
    assert set(watch.seen) >= TRAINERS | {"VideoExampleGen", "Transform", "Evaluator"}
    wanted = {
        node.id: policy_for(node.kind).gpu
        for dag in (REBUILD, RELEASE)
        for node in read_graph(PROJECT / "dags/compiled" / f"{dag}.json").nodes
    }
    assert all(wanted[trainer] for trainer in TRAINERS)
    for node, places in watch.seen.items():
        (place,) = places
        if wanted[node]:
            assert place == ("gpu", os.environ.get("CUDA_VISIBLE_DEVICES", "")), node
        else:
            assert place == ("default", "-1"), node


@pytest.mark.parametrize(("trainer", "model"), [("CnnTrainer", "cnn"), ("RnnTrainer", "rnn")])
def test_the_log_of_a_training_tells_of_its_epochs_and_of_no_library(
    airflow, ended, trainer, model
):
    log = airflow.log(RELEASE, ended[1], trainer)
    line = rf"{model} epoch 1 of \d+: loss [\d.]+, validation [\d.]+, the best so far"
    assert re.search(line, log), log
    for noise in ("cuda_fft", "FutureWarning", "rendezvous"):
        assert noise not in log


@pytest.mark.parametrize(("dag", "position"), [(REBUILD, 0), (RELEASE, 1)])
def test_nothing_is_missing_from_ml_metadata(servers, ended, dag, position):
    """Every node has one execution, and every output of it an artifact, of nodes at once too."""
    assert ended[2].together > 1
    run = f"{dag}.{ended[position]}"
    with psycopg2.connect(servers[0].url("mlmd")) as connection, connection.cursor() as cursor:
        cursor.execute(EXECUTIONS.format(q="").replace("?", "%s"), (run,))
        found = cursor.fetchall()
        outputs: dict[str, set[str]] = {}
        for name, execution, state in found:
            assert state in (COMPLETE, CACHED), name
            cursor.execute(
                "SELECT path.step_key FROM Event JOIN EventPath AS path ON path.event_id = Event.id"
                # 4: OUTPUT; an execution has one event for each artifact.
                " WHERE Event.execution_id = %s AND Event.type = 4 AND path.is_index_step = false",
                (execution,),
            )
            outputs[name.rpartition(".")[2]] = {key for (key,) in cursor.fetchall()}
    expected = compiled_outputs(dag)
    assert len(found) == len(expected)
    assert outputs == expected


def test_a_node_that_is_killed_while_it_publishes_is_tried_again(airflow, ended):
    tries = airflow.tries(REBUILD, ended[0])
    # Airflow also counts a try that it queued and never began, as on a machine that is very busy.
    assert tries["FramesSchema"] >= 2
    # Those that lost their connection published again by themselves: no work was done twice.
    for node in ("StatisticsGen", "DensitySampler"):
        assert tries[node] == 1
        assert "server was lost while execution" in airflow.log(REBUILD, ended[0], node)


def test_nothing_is_doubled_or_left_running(store, ended):
    assert store.rows("SELECT id FROM Execution WHERE last_known_state NOT IN (3, 5)") == []
    doubled = "SELECT uri FROM Artifact GROUP BY uri HAVING count(*) > 1"
    assert store.rows(doubled) == []
    # Of a transaction that was rolled back nothing is left either, such as an artifact of nobody.
    homeless = "SELECT id FROM Artifact WHERE id NOT IN (SELECT artifact_id FROM Event)"
    assert store.rows(homeless) == []
    twice = (
        "SELECT execution_id, step_key FROM Event JOIN EventPath ON EventPath.event_id = Event.id"
        " WHERE Event.type = 4 AND step_key IS NOT NULL"
        " GROUP BY execution_id, step_key HAVING count(*) > 1"
    )
    assert store.rows(twice) == []


def test_the_workspace_has_no_database_of_its_own(airflow, ended):
    assert not (airflow.site.workspace / "metadata.sqlite").exists()


def test_no_password_in_a_log_or_a_report(airflow, servers, ended):
    secret = servers[0].passwords["mlmd"].encode()
    files = [p for p in airflow.site.logs.rglob("*.log") if "dag_id=" in str(p)]
    files += list((airflow.site.workspace / "reports").iterdir())
    files += list((airflow.site.workspace / "runs").rglob("*.json"))
    assert len(files) > 17
    for path in files:
        assert secret not in path.read_bytes(), path


def test_many_nodes_write_at_once(servers, corpus, tmp_path):
    """Six runs of one node begun together: six executions, none lost."""
    database, _ = servers
    environment = {
        **os.environ,
        "AFFECTFLOW_METADATA": database.url("mlmd", password=False),
        "AFFECTFLOW_METADATA_PASSWORD": database.passwords["mlmd"],
    }
    began = time.monotonic()
    processes = [
        subprocess.Popen(
            [PROJECT / ".venv/bin/python", "-W", "ignore", "-m", "pipelines.run_node",
             "--pipeline", REBUILD, "--node", "FramesSchema", "--run-id", f"{REBUILD}.many-{n}",
             "--workspace", tmp_path / "ws", "--parameters", json.dumps({"data": str(corpus)})],
            cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for n in range(6)
    ]  # fmt: skip
    assert [process.wait(240) for process in processes] == [0] * 6, time.monotonic() - began
    with psycopg2.connect(database.url("mlmd")) as connection, connection.cursor() as cursor:
        for n in range(6):
            cursor.execute(EXECUTIONS.format(q="").replace("?", "%s"), (f"{REBUILD}.many-{n}",))
            ((_, _, state),) = cursor.fetchall()
            assert state in (COMPLETE, CACHED)


@pytest.fixture(scope="module")
def visitors(airflow, ended):
    """Role -> somebody who has it; None -> whoever comes along."""
    add_role(airflow, "demo-readers", REBUILD, RELEASE)
    add_role(airflow, "afew-readers", "afew_rebuild", "afew_release")
    add_role(airflow, "nothing")
    roles = ("Admin", "Op", "User", "Viewer", "demo-readers", "afew-readers", "nothing", "Public")
    return {role: Visitor(airflow, role) for role in (*roles, None)}


# Who may see which pages: README's table of roles.
EVERY_PAGE = {"Admin", "Op", "User", "Viewer"}
MAY_TRIGGER = {"Admin", "Op", "User"}


@pytest.mark.parametrize("address", ["reports/{dag}/{run}", "runs/{page}"])
def test_a_runs_page_and_its_faces_are_for_who_may_see_the_dags_runs(ended, visitors, address):
    values = {"dag": REBUILD, "run": quote(ended[0], safe="")}
    values["page"] = quote(report_file(REBUILD, ended[0]))
    path = f"/affectflow/{address.format(**values)}"
    for role, visitor in visitors.items():
        answer = visitor.ask("GET", path)
        if role in EVERY_PAGE | {"demo-readers"}:
            assert (answer.status, "data:image/" in answer.text) == (200, True), role
        else:
            assert answer.status == (401 if role is None else 403), role
            assert "data:image/" not in answer.text
            assert ended[0] not in answer.text


@pytest.mark.parametrize("address", ["runs/", "runs/index.html"])
def test_the_index_is_for_who_may_see_all_runs(ended, visitors, address):
    for role, visitor in visitors.items():
        answer = visitor.ask("GET", f"/affectflow/{address}")
        if role in EVERY_PAGE:
            assert answer.status == 200, role
            assert ended[0] in answer.text
        else:
            assert answer.status == (401 if role is None else 403), role
            assert ended[0] not in answer.text


def test_who_may_only_read_triggers_nothing(airflow, visitors):
    before = len(airflow.runs(REBUILD))
    # Nor does whoever may, with a value out of bounds: it is refused by name, value and bound.
    run = {"logical_date": None, "conf": {"data": "/x", "image_size": 1_000_000}}
    for role, visitor in visitors.items():
        answer = visitor.ask("POST", f"/api/v2/dags/{REBUILD}/dagRuns", run)
        if role in MAY_TRIGGER:
            assert answer.status == 400, role
            for word in ("image_size", "1000000 is greater than the maximum of 512"):
                assert word in answer.text
        else:
            assert answer.status == (401 if role is None else 403), role
    assert len(airflow.runs(REBUILD)) == before
