"""Airflow plugin (placeholder)."""

from airflow.plugins_manager import AirflowPlugin


class AffectflowPlugin(AirflowPlugin):
    """Reports."""

    name = "affectflow"
