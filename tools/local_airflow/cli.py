"""Airflow's own command line, on the local Airflow."""

from __future__ import annotations

import os

from tools.local_airflow.site import AIRFLOW, default_home, load_site


def main(arguments: list[str]) -> int:
    """Becomes `airflow ARGUMENTS`.

    Raises:
        SiteError: no Airflow was served here.
    """
    site = load_site(default_home(os.environ))
    # Warnings of Airflow about itself hide the answer.
    variables = {"PYTHONWARNINGS": "ignore", "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING"}
    environment = {**site.variables(os.environ), **variables}
    os.execve(AIRFLOW, [str(AIRFLOW), *arguments], environment)
