"""Serves <workspace>/reports to whoever is signed in to Airflow and may see the run."""

from __future__ import annotations

import html
from pathlib import Path

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse

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
# Airflow's own rule for who may see a run of a DAG; kept by name so that tests can replace it.
may_see_run = requires_access_dag("GET", DagAccessEntity.RUN)


def create_app() -> FastAPI:
    """The application, which answers GET /reports/<dag id>/<run id>."""
    app = FastAPI(title="affectflow reports", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_exception_handler(HTTPException, _refusal)

    @app.get("/reports/{dag_id}/{run_id}", dependencies=[Depends(may_see_run)])
    def report(dag_id: str, run_id: str) -> HTMLResponse:
        return _report(dag_id, run_id)

    return app


def _report(dag_id: str, run_id: str) -> HTMLResponse:
    try:
        workspace = Path(read_airflow_settings().workspace)
    except SettingsError as error:
        return _page(500, "The reports cannot be found", str(error))
    # The name is one quoted segment: it holds no slash, and a path of dots ends in .html.
    path = workspace / "reports" / report_file(dag_id, run_id)
    try:
        return HTMLResponse(path.read_text(encoding="utf-8"), headers=_HEADERS)
    except OSError:
        return _page(
            404,
            "No report yet",
            f"Run {run_id} of {dag_id} has none: it is written when the run's first node ends.",
        )


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
