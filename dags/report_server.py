"""Serves <workspace>/reports to whoever is signed in to Airflow and may see the run."""

from __future__ import annotations

import html
from pathlib import Path
from urllib.parse import quote, unquote

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from dags.graph import COMPILED, compiled_files
from dags.report import report_file
from dags.settings import SettingsError, read_airflow_settings

# A report is text, styles and inline pictures. Nothing in it may run or fetch: a folder's name
# or a label file could have put it there.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none';"
        " form-action 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_INDEX = "index.html"
# Airflow's own rule for who may see a run of a DAG; kept by name so that tests can replace it.
may_see_run = requires_access_dag("GET", DagAccessEntity.RUN)


def may_see_page(file: str, request: Request, user: GetUserDep) -> None:
    """The same rule for a page by its file's name, which begins with the DAG's id and a dot."""
    dag_id = unquote(file).partition(".")[0]
    requires_access_dag("GET", DagAccessEntity.RUN, dag_id)(request, user)


def may_see_runs(request: Request, user: GetUserDep) -> None:
    """The same rule for the index: it names the runs of all DAGs, so it holds of each of them."""
    for path in compiled_files(COMPILED):
        requires_access_dag("GET", DagAccessEntity.RUN, path.stem)(request, user)


def create_app() -> FastAPI:
    """The application.

    It answers GET /runs/ with the index of all runs, /runs/<file> with a page, by the name that
    the index and other pages have for it, and /reports/<dag id>/<run id> with the way to that.
    """
    app = FastAPI(title="affectflow reports", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(HTTPException, _refusal)

    @app.get("/reports/{dag_id}/{run_id}", dependencies=[Depends(may_see_run)])
    def report(dag_id: str, run_id: str) -> Response:
        # To where the links between pages lead to pages.
        address = f"../../runs/{quote(report_file(dag_id, run_id), safe='')}"
        return RedirectResponse(address, headers=_HEADERS)

    @app.get("/runs/", dependencies=[Depends(may_see_runs)])
    @app.get(f"/runs/{_INDEX}", dependencies=[Depends(may_see_runs)])
    def index() -> Response:
        return _file(_INDEX, "No runs yet", "The index is written when the first run ends.")

    @app.get("/runs/{file}", dependencies=[Depends(may_see_page)])
    def page(file: str) -> Response:
        run = unquote(file).removesuffix(".html")
        told = f"Run {run} has none: it is written when the run's first node ends."
        return _file(file, "No report yet", told)

    return app


def _file(name: str, title: str, absent: str) -> Response:
    """A file of <workspace>/reports; a page with a title and a text where there is none."""
    try:
        workspace = Path(read_airflow_settings().workspace)
    except SettingsError as error:
        return _page(500, "The reports cannot be found", str(error))
    # A proxy may have decoded the address once more: the name's %3A, there %253A, is a colon then.
    again = f"{quote(unquote(name.removesuffix('.html')), safe='')}.html"
    for found in (name, again):
        # A page's name is one quoted segment: it holds no slash, and a path of dots ends in .html.
        if "/" in found or found.startswith(".") or not name.endswith(".html"):
            continue
        try:
            text = (workspace / "reports" / found).read_text(encoding="utf-8")
            return HTMLResponse(text, headers=_HEADERS)
        except (OSError, ValueError):  # ValueError: no name of a file, such as one with a NUL
            continue
    return _page(404, title, absent)


def _refusal(request: Request, error: Exception) -> HTMLResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 401:
        login = get_auth_manager().get_url_login(next_url=str(request.url))
        link = f'<a href="{html.escape(login)}">Sign in</a>'
        return _page(
            401, "Sign in to see this report", "Reports are for users of this Airflow.", link
        )
    return _page(error.status_code, "This report is not shown", str(error.detail))


def _page(status: int, title: str, text: str, link: str = "") -> HTMLResponse:
    """A page with a title and a text, both escaped here, and a link that is HTML already."""
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{html.escape(title)}</title>"
        "<style>body{font:16px/1.5 sans-serif;margin:3rem auto;max-width:40rem}</style>"
        f"<h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>{link and f'<p>{link}</p>'}</html>"
    )
    return HTMLResponse(body, status_code=status, headers=_HEADERS)
