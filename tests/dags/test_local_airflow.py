"""tools/serve-airflow: a whole Airflow on this machine, with a stand-in for the node runner."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest

from dags.policy import POOLS
from dags.report import report_file
from tests.dags.toy import REPOSITORY, Worker
from tools.local_airflow.processes import children
from tools.local_airflow.site import HOST, Site, load_site

PATIENCE_S = 660
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "AFFECTFLOW"))}
    return {**kept, **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def serve(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs tools/serve-airflow where it must refuse."""
    return subprocess.run(
        [REPOSITORY / "tools/serve-airflow", *arguments],
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=60,
    )


def descendants(pid: int) -> set[int]:
    found = {pid}
    for child in children(pid):
        found |= descendants(child)
    return found


class Served:
    """A running Airflow and somebody who is signed in."""

    def __init__(self, process, site: Site, worker: Worker, output: str):
        self.process, self.site, self.worker, self.output = process, site, worker, output
        body = {"username": "admin", "password": site.password()}
        self.token = ""
        self.token = json.loads(self.ask("/auth/token", body)[1])["access_token"]

    def ask(self, path: str, body=None, signed_in: bool = True) -> tuple[int, str]:
        """Status and text of an answer."""
        headers = {"Content-Type": "application/json"}
        if signed_in and self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.site.url + path, data, headers)
        try:
            with OPENER.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def trigger(self, conf: dict, run_id: str | None = None) -> tuple[int, str]:
        body = {"logical_date": None, "conf": conf, "dag_run_id": run_id}
        return self.ask("/api/v2/dags/demo_rebuild/dagRuns", body)

    def wait(self, path: str, key: str, wanted: set[str]) -> str:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            status, text = self.ask(path)
            value = json.loads(text).get(key) if status == 200 else None
            if value in wanted:
                return value
            time.sleep(0.5)
        raise AssertionError(f"{path}: {key} is {value}")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("an airflow")
    (folder / "worker").mkdir()
    worker = Worker(folder / "worker")
    output = open(folder / "output", "w+")  # noqa: SIM115
    process = subprocess.Popen(
        [
            REPOSITORY / "tools/serve-airflow",
            *("--home", str(folder / "home"), "--workspace", str(folder / "workspace")),
            *("--port", str(free_port())),
        ],
        env=environment(AIRFLOW__AFFECTFLOW__WORKER_PYTHON=str(worker.python)),
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while "End with Ctrl-C" not in (text := (folder / "output").read_text()):
            assert process.poll() is None, text
            assert time.monotonic() < deadline, text
            time.sleep(0.5)
        yield Served(process, load_site(folder / "home"), worker, text)
    finally:
        process.terminate()
        process.wait(60)
        output.close()


def test_it_says_where_it_is_and_how_to_sign_in(served):
    assert served.site.url in served.output
    assert served.site.password() in served.output
    assert "tools/airflow dags trigger demo_rebuild" in served.output
    assert "demo_rebuild" in served.output
    assert "problem" not in served.output


def test_the_password_is_for_its_owner_alone(served):
    for path in (served.site.password_file, served.site.home / "airflow.cfg"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(served.site.home.stat().st_mode) == 0o700
    logs = "".join(path.read_text() for path in served.site.logs.glob("*.log"))
    assert served.site.password() not in logs


def test_nothing_listens_beyond_this_machine(served):
    ours = descendants(served.process.pid)
    inodes = set()
    for pid in ours:
        for entry in os.scandir(f"/proc/{pid}/fd"):
            target = os.readlink(entry.path)
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in inodes:
                listening.append(fields[1])
    # 0100007F: 127.0.0.1 as the kernel writes it.
    assert listening == [f"0100007F:{served.site.port:04X}"]


def test_the_pools_are_there(served):
    for pool in POOLS:
        status, text = served.ask(f"/api/v2/pools/{pool.name}")
        assert status == 200
        assert json.loads(text)["slots"] == pool.slots


@pytest.mark.parametrize(
    ("conf", "message"),
    [
        ({}, "Invalid input for param data"),
        ({"data": "/d", "seed": "x"}, "'x' is not of type 'integer'"),
        ({"data": "/d", "subset": "some"}, "'some' is not one of"),
    ],
)
def test_a_bad_value_makes_no_run(served, conf, message):
    run_id = f"bad{abs(hash(message))}"
    status, text = served.trigger(conf, run_id)
    assert (status, message in text) == (400, True)
    assert served.ask(f"/api/v2/dags/demo_rebuild/dagRuns/{run_id}")[0] == 404


def test_a_run_and_what_its_command_line_and_page_show(served):
    value = "$(touch x); `touch x` {{ 1 + 1 }}"
    run_id = "good:1+1"
    conf = json.dumps({"data": value})
    done = subprocess.run(
        [
            *(REPOSITORY / "tools/airflow", "dags", "trigger", "demo_rebuild"),
            *("--conf", conf, "--run-id", run_id),
        ],
        env=environment(AFFECTFLOW_AIRFLOW_HOME=str(served.site.home)),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    path = "/api/v2/dags/demo_rebuild/dagRuns/good%3A1%2B1"
    assert served.wait(path, "state", {"success", "failed"}) == "success"
    # The release that it starts may have begun, and is told of no corpus.
    told = [call["argv"] for call in served.worker.calls if "demo_rebuild" in call["argv"]]
    assert told
    for argv in told:
        assert json.loads(argv[argv.index("--parameters") + 1])["data"] == value
    page = served.site.workspace / "reports" / report_file("demo_rebuild", run_id)
    page.parent.mkdir(parents=True, exist_ok=True)
    links = json.loads(served.ask(f"{path}/taskInstances/Transform/links")[1])["extra_links"]
    assert served.ask(links["Run report"])[0] == 404
    page.write_text("the page")
    assert served.ask(links["Run report"]) == (200, "the page")
    status, text = served.ask(links["Run report"], signed_in=False)
    assert status == 401
    assert "the page" not in text
    # The index is a view of Airflow's own, and its links lead to the same page.
    plugins = json.loads(served.ask("/api/v2/plugins")[1])["plugins"]
    [view] = [
        v for plugin in plugins for v in plugin["external_views"] if "affectflow" in v["name"]
    ]
    (page.parent / "index.html").write_text("the index")
    assert served.ask(view["href"]) == (200, "the index")
    assert served.ask(f"{view['href']}{quote(page.name)}") == (200, "the page")
    for address in (view["href"], f"{view['href']}{quote(page.name)}"):
        status, text = served.ask(address, signed_in=False)
        assert (status, "the index" in text, "the page" in text) == (401, False, False)


def test_a_second_one_is_refused_its_home(served):
    done = serve("--home", str(served.site.home))
    assert done.returncode == 1
    assert f"process {served.process.pid}" in done.stderr
    assert "--home" in done.stderr


def test_a_port_that_is_taken_is_named(served, tmp_path):
    done = serve("--home", str(tmp_path), "--port", str(served.site.port))
    assert done.returncode == 1
    assert done.stderr == (
        f"error: port {served.site.port} is taken: name another, or none to get a free one\n"
    )


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "8o80"])
def test_a_port_that_is_none_is_named(tmp_path, port):
    done = serve(f"--port={port}", "--home", str(tmp_path))
    assert done.returncode == 1
    assert done.stderr == f"error: port '{port}' is no number from 1 to 65535\n"


def test_a_home_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    done = serve("--home", str(tmp_path / "file/home"))
    assert done.returncode == 1
    assert f"{tmp_path / 'file/home'} cannot be written" in done.stderr


def test_the_command_line_says_when_nothing_was_served(tmp_path):
    done = subprocess.run(
        [REPOSITORY / "tools/airflow", "version"],
        env=environment(AFFECTFLOW_AIRFLOW_HOME=str(tmp_path)),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"error: no Airflow was served from {tmp_path}: run 'make airflow'"
    )


def test_what_the_user_sets_is_kept_and_what_makes_it_local_is_not(tmp_path):
    site = Site(tmp_path, tmp_path / "ws", 8099)
    variables = site.variables(
        {"AIRFLOW__CORE__PARALLELISM": "7", "AIRFLOW_HOME": "/elsewhere", "NO_PROXY": "a.b"}
    )
    assert variables["AIRFLOW__CORE__PARALLELISM"] == "7"
    assert variables["AIRFLOW_HOME"] == str(tmp_path)
    assert variables["NO_PROXY"].split(",") == ["a.b", "127.0.0.1", "localhost"]


# The last one: it ends the server.
def test_it_ends_whole_with_a_node_running(served):
    wish = json.dumps({"sleep": 600, "child": 1, "started": 1})
    assert served.trigger({"data": wish}, "long")[0] == 200
    deadline = time.monotonic() + PATIENCE_S
    while not (served.worker.folder / "started").exists():
        assert time.monotonic() < deadline
        time.sleep(0.2)
    ours = descendants(served.process.pid)
    child = int((served.worker.folder / "child").read_text())
    assert child in ours
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(60) == 0
    assert [pid for pid in ours if os.path.exists(f"/proc/{pid}")] == []
