"""The Airflow plugin, found by its entry point: the runs' pages, and their index as a view."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from dags.report import MOUNT, mounted


class AffectflowPlugin(AirflowPlugin):
    """Mounts the reports' application in Airflow's web server, and shows the index of all runs."""

    name = "affectflow"

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """Airflow's list of applications to mount."""
        # Every process of Airflow loads its plugins, and only the web server needs this one's
        # imports, which cost seconds.
        from dags.report_server import create_app

        return [{"name": "affectflow reports", "url_prefix": MOUNT, "app": create_app()}]

    @property
    def external_views(self) -> list[dict[str, Any]]:
        """Airflow's list of views: the index, in a frame of Airflow's own page."""
        return [
            {
                "name": "affectflow runs",
                "href": f"{mounted()}/runs/",
                "destination": "nav",
                "category": "browse",
                "url_route": "affectflow-runs",
            }
        ]
