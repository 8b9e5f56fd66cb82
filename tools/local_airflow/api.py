"""What the launcher asks of Airflow's web server."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import asdict
from typing import Any

from dags.policy import Pool
from tools.local_airflow.site import USER, Site

# No proxy, whatever the environment says: the server is on this machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Api:
    """A client that has signed in.

    Raises:
        OSError: the server does not answer, or refuses.
    """

    def __init__(self, site: Site):
        self._site = site
        body = {"username": USER, "password": site.password()}
        self._token = ""
        self._token = self.call("POST", "/auth/token", body)["access_token"]

    def import_errors(self) -> list[str]:
        """What the DAG file complains of."""
        errors = self.call("GET", "/api/v2/importErrors")["import_errors"]
        return [str(error["stack_trace"]).strip().splitlines()[-1] for error in errors]

    def dags(self) -> list[str]:
        """Ids of the DAGs that Airflow knows."""
        return [str(dag["dag_id"]) for dag in self.call("GET", "/api/v2/dags?limit=100")["dags"]]

    def create_pool(self, pool: Pool) -> None:
        """Creates a pool; one that is there keeps the slots that somebody gave it."""
        try:
            self.call("GET", f"/api/v2/pools/{pool.name}")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            self.call("POST", "/api/v2/pools", asdict(pool))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What the server answers, as JSON.

        Raises:
            OSError: it does not answer, or refuses.
        """
        request = urllib.request.Request(
            self._site.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        with _OPENER.open(request, timeout=60) as answer:
            return json.load(answer)


def healthy(site: Site) -> bool:
    """Whether every component has reported to the database of late."""
    try:
        with _OPENER.open(f"{site.url}/api/v2/monitor/health", timeout=5) as answer:
            parts = json.load(answer)
    except (OSError, ValueError):
        return False
    wanted = ("metadatabase", "scheduler", "dag_processor", "triggerer")
    return all((parts.get(name) or {}).get("status") == "healthy" for name in wanted)
