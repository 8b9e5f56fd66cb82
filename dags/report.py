"""The link from a task to the report page of its run."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlparse

from airflow.sdk import BaseOperatorLink

from dags.command import run_name

# Where dags.plugin serves reports.
MOUNT = "/affectflow"


def report_file(pipeline: str, airflow_run_id: str) -> str:
    """Name of a run's page within <workspace>/reports, as the node runner writes it."""
    return f"{quote(run_name(pipeline, airflow_run_id), safe='')}.html"


def report_link(report_url: str, pipeline: str, airflow_run_id: str) -> str:
    """Address of a run's page.

    Args:
        report_url: address of a copy of <workspace>/reports; "" for the page that Airflow serves.
    """
    if report_url:
        # The file's name is quoted once already, and an address quotes its % again.
        return f"{report_url}/{quote(report_file(pipeline, airflow_run_id))}"
    return f"{mounted()}/reports/{quote(pipeline, safe='')}/{quote(airflow_run_id, safe='')}"


def mounted() -> str:
    """Path of what dags.plugin serves, on the host of Airflow's web server."""
    from airflow.sdk.configuration import conf

    path = urlparse(conf.get("api", "base_url", fallback="") or "").path.rstrip("/")
    return f"{path}{MOUNT}"


class RunReportLink(BaseOperatorLink):
    """The button 'Run report' of a task."""

    name = "Run report"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Address of the page of the run that the task instance belongs to."""
        return report_link(operator.node.report_url, ti_key.dag_id, ti_key.run_id)


def push_report_link(operator: Any, context: Any) -> None:
    """Makes the button work while the task runs: Airflow itself fills it only at the end."""
    link = RunReportLink()
    ti = context["ti"]
    ti.xcom_push(key=link.xcom_key, value=link.get_link(operator, ti_key=ti))
