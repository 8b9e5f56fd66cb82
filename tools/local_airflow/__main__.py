"""Runs tools/serve-airflow (`serve ...`) and tools/airflow (`cli ...`)."""

from __future__ import annotations

import sys
from pathlib import Path

# Started by the folder's path, from wherever the user is.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tools.local_airflow import cli, serve  # noqa: E402
from tools.local_airflow.site import SiteError  # noqa: E402

if __name__ == "__main__":
    program, arguments = sys.argv[1], sys.argv[2:]
    try:
        sys.exit({"serve": serve.main, "cli": cli.main}[program](arguments))
    except SiteError as error:
        sys.exit(f"error: {error}")
