"""The Airflow plugin, found by its entry point: serves the runs' report pages."""

from __future__ import annotations

from typing import Any

from airflow.plugins_manager import AirflowPlugin

from dags.report import MOUNT


class AffectflowPlugin(AirflowPlugin):
    """Mounts the reports' application in Airflow's web server."""

    name = "affectflow"

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """Airflow's list of applications to mount."""
        # Every process of Airflow loads its plugins, and only the web server needs this one's
        # imports, which cost seconds.
        from dags.report_server import create_app

        return [{"name": "affectflow reports", "url_prefix": MOUNT, "app": create_app()}]
