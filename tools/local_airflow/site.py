"""An Airflow on one machine: where it keeps its state, and the environment of its processes."""

from __future__ import annotations

import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_HOME = REPOSITORY / "affectflow-airflow"
DEFAULT_WORKSPACE = REPOSITORY / "affectflow-workspace"
HOST = "127.0.0.1"
USER = "admin"
# The executable beside the interpreter, since the environment need not be on PATH.
AIRFLOW = Path(sys.executable).parent / "airflow"


class SiteError(Exception):
    """The local Airflow cannot be used; the message says why and what would do."""


@dataclass(frozen=True)
class Site:
    """One local Airflow.

    Attributes:
        home: absolute folder of its database, logs and password.
        workspace: absolute folder where runs leave what they make.
        port: of its web server, on HOST.
    """

    home: Path
    workspace: Path
    port: int

    @property
    def url(self) -> str:
        """Address of the web server."""
        return f"http://{HOST}:{self.port}"

    @property
    def logs(self) -> Path:
        """Folder of the logs of tasks and components."""
        return self.home / "logs"

    @property
    def password_file(self) -> Path:
        """Where Airflow's SimpleAuthManager keeps the password, as plain text."""
        return self.home / "simple_auth_manager_passwords.json.generated"

    def variables(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The environment of every Airflow process; what the user sets beyond it is kept."""
        settings = {
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            # A node is a process that fills a core, or a GPU and a core.
            "AIRFLOW__CORE__PARALLELISM": str(max(2, os.cpu_count() or 2)),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            # New settings show up without waiting for five minutes.
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "30",
            # Airflow's 30 s are too few for the first import on a laptop with other work.
            "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "240",
            "AIRFLOW__DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "270",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        }
        fixed = {
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.password_file),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(self.logs),
            "AIRFLOW__AFFECTFLOW__WORKSPACE": str(self.workspace),
            # Tasks speak to the web server of this machine, never through a proxy.
            "NO_PROXY": _with_host(inherited.get("NO_PROXY", inherited.get("no_proxy", ""))),
        }
        fixed["no_proxy"] = fixed["NO_PROXY"]
        return {**settings, **inherited, **fixed}

    def password(self) -> str:
        """The password of USER, made at the first call and kept in a file of mode 0600."""
        # By us, since Airflow would write it into a log and into a file that others may read.
        if not self.password_file.exists():
            with open(os.open(self.password_file, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
                json.dump({USER: secrets.token_urlsafe(12)}, file)
        self.password_file.chmod(0o600)
        return str(json.loads(self.password_file.read_text())[USER])

    def save(self) -> None:
        """Writes down what this Airflow was started with, for load_site."""
        values = {name: str(value) for name, value in asdict(self).items() if name != "home"}
        (self.home / "site.json").write_text(json.dumps(values))


def default_home(environment: Mapping[str, str]) -> Path:
    """The state's folder, unless the command line names one."""
    return _absolute(environment.get("AFFECTFLOW_AIRFLOW_HOME") or DEFAULT_HOME)


def default_workspace(environment: Mapping[str, str]) -> Path:
    """The workspace, unless the command line names one."""
    return _absolute(environment.get("AFFECTFLOW_WORKSPACE") or DEFAULT_WORKSPACE)


def load_site(home: Path) -> Site:
    """The local Airflow that was last served from a home.

    Raises:
        SiteError: none was.
    """
    try:
        values = json.loads((home / "site.json").read_text())
        return Site(home, Path(values["workspace"]), int(values["port"]))
    except (OSError, ValueError, KeyError) as error:
        raise SiteError(
            f"no Airflow was served from {home}: run 'make airflow' first,"
            " or name its folder with AFFECTFLOW_AIRFLOW_HOME"
        ) from error


def _absolute(path: str | Path) -> Path:
    return Path(os.path.abspath(path))


def _with_host(names: str) -> str:
    return ",".join([*filter(None, names.split(",")), HOST, "localhost"])
