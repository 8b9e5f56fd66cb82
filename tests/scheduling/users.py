"""Users of an Airflow whose auth manager is FAB, and what each of them is answered."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.scheduling.airflow_site import AirflowSite

# A role for one corpus alone, as README has it.
SEES_RUNS = ("Website", "DAG Runs", "Task Instances", "Task Logs")


def add_role(airflow: AirflowSite, name: str, *dags: str) -> None:
    """A role that may read these DAGs and their runs, and nothing else."""
    resources = [*SEES_RUNS, *(f"DAG:{dag}" for dag in dags)] if dags else []
    permissions = [
        {"action": {"name": "can_read"}, "resource": {"name": name}} for name in resources
    ]
    airflow.api.call("POST", "/auth/fab/v1/roles", {"name": name, "actions": permissions})


@dataclass(frozen=True)
class Answer:
    status: int
    text: str


class Visitor:
    """Somebody with a role, or nobody in particular (None), at the web server."""

    def __init__(self, airflow: AirflowSite, role: str | None):
        self._url = airflow.site.url
        self._token = ""
        if role is None:
            return
        who = {"username": f"somebody-{role}", "password": f"password of {role}"}
        about = {"email": f"{role}@example.org", "first_name": "Some", "last_name": "Body"}
        user = {**who, **about, "roles": [{"name": role}]}
        airflow.api.call("POST", "/auth/fab/v1/users", user)
        self._token = json.loads(self.ask("POST", "/auth/token", who).text)["access_token"]

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """What the web server answers, where it leads to included."""
        request = urllib.request.Request(
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.read().decode())
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, refusal.read().decode())
