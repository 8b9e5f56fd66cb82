"""The report pages: for whom, which file, and that nothing in an address is obeyed."""

from __future__ import annotations

import subprocess
import sys
from urllib.parse import quote, urljoin

import pytest
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from fastapi import HTTPException
from fastapi.testclient import TestClient

from dags.graph import COMPILED, compiled_files
from dags.plugin import AffectflowPlugin
from dags.report import report_file, report_link
from dags.report_server import create_app, may_see_page, may_see_run, may_see_runs

RUN = "manual__2026-01-02T03:04:05.6+00:00"
ADDRESS = "/reports/toy_rebuild/manual__2026-01-02T03%3A04%3A05.6%2B00%3A00"


@pytest.fixture
def reports(tmp_path, airflow_environment):
    airflow_environment(workspace=str(tmp_path / "ws"))
    folder = tmp_path / "ws/reports"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def client(reports):
    """Somebody who is signed in and may see every run."""
    app = create_app()
    for rule in (may_see_run, may_see_page, may_see_runs):
        app.dependency_overrides[rule] = lambda: None
    return TestClient(app)


def test_the_page_of_a_run_is_served(client, reports):
    # The node runner's name for it: quote(RUN, safe="").
    name = "toy_rebuild.manual__2026-01-02T03%3A04%3A05.6%2B00%3A00.html"
    assert report_file("toy_rebuild", RUN) == name
    (reports / name).write_text("<h1>Größe</h1>")
    answer = client.get(ADDRESS)
    assert (answer.status_code, answer.text) == (200, "<h1>Größe</h1>")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_run_without_a_page_is_said_to_have_none_yet(client):
    answer = client.get(ADDRESS)
    assert answer.status_code == 404
    assert "No report yet" in answer.text
    assert RUN in answer.text


def test_what_is_in_the_address_is_escaped(client):
    answer = client.get("/reports/toy_rebuild/%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    assert "<script>" not in answer.text
    answer = client.get("/reports/%3Cb%3E/x")
    assert answer.status_code == 404
    assert "<b>" not in answer.text
    assert "&lt;b&gt;" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "/reports/..%2F..%2Fsecret/x",
        "/reports/toy/..%2F..%2F..%2Fsecret",
        "/reports/../secret",
        "/reports/%2e%2e/secret",
        "/reports/%2Fetc/passwd",
        "/runs/..%2Fsecret.html",
        "/runs/%2e%2e/secret.html",
        "/runs/.dot.html",
        "/runs/secret",
        "/runs/a%00.html",
    ],
)
def test_nothing_outside_of_the_folder_is_served(client, reports, address):
    for path in (reports.parent / "secret.html", reports.parent.parent / "secret.html"):
        path.write_text("hidden")
    (reports.parent / "secret").write_text("hidden")
    (reports / "secret").write_text("hidden")
    (reports / ".dot.html").write_text("hidden")
    answer = client.get(address)
    assert answer.status_code == 404
    assert "hidden" not in answer.text


@pytest.fixture
def hidden(reports):
    (reports / report_file("toy_rebuild", RUN)).write_text("hidden")
    (reports / "index.html").write_text("hidden")


PAGE = f"/runs/{quote(report_file('toy_rebuild', RUN))}"
EVERYTHING = pytest.mark.parametrize("address", [ADDRESS, PAGE, "/runs/", "/runs/index.html"])


@EVERYTHING
def test_who_is_not_signed_in_sees_nothing(hidden, address):
    # Airflow's own rule, unreplaced: no token, so nobody.
    from airflow.api_fastapi.app import create_auth_manager

    create_auth_manager()
    answer = TestClient(create_app()).get(address)
    assert answer.status_code == 401
    assert "hidden" not in answer.text
    assert "Sign in" in answer.text


@EVERYTHING
def test_who_may_not_see_the_run_sees_nothing(hidden, address):
    app = create_app()

    def forbidden():
        raise HTTPException(403, "Forbidden")

    for rule in (may_see_run, may_see_page, may_see_runs):
        app.dependency_overrides[rule] = forbidden
    answer = TestClient(app).get(address)
    assert answer.status_code == 403
    assert "hidden" not in answer.text


@pytest.fixture
def somebody(monkeypatch):
    """somebody(*dags): a client who may see the runs of those DAGs, and what Airflow was asked."""
    from airflow.api_fastapi.core_api import security

    asked = []

    def make(*dags):
        class Manager:
            def is_authorized_dag(self, *, method, user, access_entity=None, details=None):
                asked.append((method, access_entity, details and details.id))
                return details is not None and details.id in dags

        monkeypatch.setattr(security, "get_auth_manager", Manager)
        app = create_app()
        app.dependency_overrides[security.get_user] = lambda: "somebody"
        return TestClient(app), asked

    monkeypatch.setattr(security.DagModel, "get_team_name", lambda dag_id: None)
    return make


def test_a_page_is_for_who_may_see_the_runs_of_its_dag(hidden, somebody):
    # What the query says is of no account.
    address = f"{PAGE}?dag_id=other"
    client, asked = somebody("other", "toy_release")
    answer = client.get(address)
    assert (answer.status_code, "hidden" in answer.text) == (403, False)
    assert asked == [("GET", DagAccessEntity.RUN, "toy_rebuild")]
    assert somebody("toy_rebuild")[0].get(address).text == "hidden"


def test_the_index_is_for_who_may_see_the_runs_of_every_dag(hidden, somebody):
    every = [path.stem for path in compiled_files(COMPILED)]
    for address in ("/runs/?dag_id=demo_rebuild", "/runs/index.html"):
        assert somebody(*every)[0].get(address).text == "hidden"
        # Airflow lets somebody list runs who may see those of one DAG: the index names them all.
        for missing in (every[0], every[-1]):
            answer = somebody(*(set(every) - {missing}))[0].get(address)
            assert (answer.status_code, "hidden" in answer.text) == (403, False)


def test_the_index_leads_to_pages_under_airflow_as_from_a_disk(client, reports):
    assert "No runs yet" in client.get("/runs/").text
    name = report_file("toy_rebuild", RUN)
    (reports / name).write_text('<a href="index.html">')
    (reports / "index.html").write_text(f'<a href="{quote(name)}">')
    for address in ("/runs/", "/runs/index.html", "/runs"):
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        link = answer.text.removeprefix('<a href="').removesuffix('">')
        page = client.get(urljoin(str(answer.url), link))
        assert page.text == '<a href="index.html">'
        assert client.get(urljoin(str(page.url), "index.html")).text == answer.text
    # The button of a task leads to where such links work, too.
    assert str(client.get(ADDRESS).url).endswith(PAGE)


def test_bad_settings_are_said(client, airflow_environment):
    airflow_environment(workspace="here")
    answer = client.get(ADDRESS)
    assert answer.status_code == 500
    assert "affectflow.workspace = &#x27;here&#x27;" in answer.text


def test_the_link_leads_to_the_page(client, reports, monkeypatch):
    (reports / report_file("toy_rebuild", RUN)).write_text("page")
    link = report_link("", "toy_rebuild", RUN)
    assert link == f"/affectflow{ADDRESS}"
    assert client.get(link.removeprefix("/affectflow")).text == "page"
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://host/airflow/")
    assert report_link("", "toy_rebuild", RUN) == f"/airflow/affectflow{ADDRESS}"


def test_a_copy_of_the_reports_may_stand_elsewhere():
    # The file's name holds %3A, which an address spells %253A.
    link = report_link("https://host/reports", "toy_rebuild", "a:b")
    assert link == "https://host/reports/toy_rebuild.a%253Ab.html"


def test_the_plugin_mounts_the_application_and_imports_it_late():
    code = (
        "import sys, dags.plugin as p; late = 'dags.report_server' not in sys.modules;"
        "[app] = p.AffectflowPlugin().fastapi_apps; print(late, app['url_prefix'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines()[-1].split() == ["True", "/affectflow"], done.stderr


def test_airflow_shows_the_index_as_a_view(client, reports, monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://host/airflow/")
    from airflow.api_fastapi.core_api.datamodels.plugins import ExternalViewResponse

    [view] = AffectflowPlugin().external_views
    shown = ExternalViewResponse(**view)
    assert (shown.destination, shown.url_route) == ("nav", "affectflow-runs")
    assert shown.href == "/airflow/affectflow/runs/"
    (reports / "index.html").write_text("index")
    assert client.get(shown.href.removeprefix("/airflow/affectflow")).text == "index"
