"""Starts the whole of Airflow on this machine and ends it again."""

from __future__ import annotations

import argparse
import fcntl
import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from dags.policy import POOLS
from tools.local_airflow import site as sites
from tools.local_airflow.api import Api, healthy
from tools.local_airflow.processes import Component, adopt_orphans, start, stop
from tools.local_airflow.site import AIRFLOW, HOST, USER, Site, SiteError

_FIRST_PORT, _PORTS = 8080, 20
_START_S = 300.0
_PARSED_S = 300.0


class _Stopped(Exception):
    """Somebody asked this process to end."""


def main(arguments: list[str]) -> int:
    """Serves until SIGINT or SIGTERM.

    Raises:
        SiteError: it cannot be started, or a component ended by itself.
    """
    options = _options(arguments)
    signal.signal(signal.SIGINT, _raise_stopped)
    signal.signal(signal.SIGTERM, _raise_stopped)
    components: list[Component] = []
    try:
        home = Path(os.path.abspath(options.home))
        workspace = Path(os.path.abspath(options.workspace))
        with _only_one(home):
            site = Site(home, workspace, _port(options.port))
            _prepare(site)
            adopt_orphans()
            try:
                _start(site, components)
                _watch(components)
            finally:
                _end(components)
    except _Stopped:
        return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="tools/serve-airflow",
        description="Runs Airflow's scheduler, DAG processor, triggerer and web server on"
        f" {HOST} until Ctrl-C. Settings go in as AIRFLOW__AFFECTFLOW__... variables.",
    )
    parser.add_argument(
        "--port", help=f"of the web server; by default the first free one from {_FIRST_PORT}"
    )
    parser.add_argument(
        "--home",
        default=sites.default_home(os.environ),
        help="folder of its database, logs and password (also AFFECTFLOW_AIRFLOW_HOME)",
    )
    parser.add_argument(
        "--workspace",
        default=sites.default_workspace(os.environ),
        help="folder where runs leave what they make (also AFFECTFLOW_WORKSPACE)",
    )
    return parser.parse_args(arguments)


@contextmanager
def _only_one(home: Path) -> Iterator[None]:
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = open(home / ".lock", "a+")  # noqa: SIM115
    except OSError as error:
        raise SiteError(
            f"{home} cannot be written ({error.strerror}): name another folder with --home"
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise SiteError(
                f"an Airflow (process {file.read().strip() or 'unknown'}) is running from {home}:"
                " end it, or name another folder with --home"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _port(wanted: str | None) -> int:
    if wanted is None:
        for port in range(_FIRST_PORT, _FIRST_PORT + _PORTS):
            if _is_free(port):
                return port
        raise SiteError(
            f"ports {_FIRST_PORT} to {_FIRST_PORT + _PORTS - 1} are all taken: name one with PORT="
        )
    if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
        raise SiteError(f"port {wanted!r} is no number from 1 to 65535")
    if not _is_free(int(wanted)):
        raise SiteError(f"port {wanted} is taken: name another, or none to get a free one")
    return int(wanted)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the web server itself binds: a port that a server has just left is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _prepare(site: Site) -> None:
    try:
        # As affectflow.private makes it, of which the control plane imports nothing.
        site.workspace.mkdir(mode=0o770, parents=True, exist_ok=True)
    except OSError as error:
        raise SiteError(
            f"workspace {site.workspace} cannot be made ({error.strerror}):"
            " name another with WORKSPACE="
        ) from error
    site.logs.mkdir(exist_ok=True)
    site.password()
    site.save()
    _say("preparing Airflow's database")
    log = site.logs / "database.log"
    with open(log, "wb") as file:
        done = subprocess.run(
            [AIRFLOW, "db", "migrate"],
            env=site.variables(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    if done.returncode:
        raise SiteError(f"Airflow's database could not be prepared; {log} ends with\n{_tail(log)}")


def _start(site: Site, components: list[Component]) -> None:
    commands = {
        "scheduler": ["scheduler", "--skip-serve-logs"],
        "dag-processor": ["dag-processor"],
        "triggerer": ["triggerer", "--skip-serve-logs"],
        "api-server": ["api-server", "--host", HOST, "--port", str(site.port), "--workers", "1"],
    }
    _say(f"starting {', '.join(commands)}; logs in {site.logs}")
    environment = site.variables(os.environ)
    for name, command in commands.items():
        log = site.logs / f"{name}.log"
        components.append(start(name, [str(AIRFLOW), *command], environment, log))
    _wait(lambda: healthy(site), _START_S, components)
    api = Api(site)
    for pool in POOLS:
        api.create_pool(pool)
    _wait(lambda: bool(api.dags() or api.import_errors()), _PARSED_S, components)
    _report(site, api)


def _wait(ready: Callable[[], bool], patience_s: float, components: list[Component]) -> None:
    deadline = time.monotonic() + patience_s
    while not ready():
        _check(components)
        if time.monotonic() > deadline:
            logs = components[0].log.parent
            raise SiteError(
                f"Airflow was not ready after {patience_s:.0f} s; its logs are in {logs}"
            )
        time.sleep(0.5)


def _check(components: list[Component]) -> None:
    for component in components:
        status = component.process.poll()
        if status is not None:
            raise SiteError(
                f"Airflow's {component.name} ended with status {status};"
                f" {component.log} ends with\n{_tail(component.log)}"
            )


def _watch(components: list[Component]) -> NoReturn:
    while True:
        _check(components)
        time.sleep(1)


def _report(site: Site, api: Api) -> None:
    home = ""
    if site.home != sites.DEFAULT_HOME:
        home = f"AFFECTFLOW_AIRFLOW_HOME={shlex.quote(str(site.home))} "
    for error in api.import_errors():
        _say(f"problem with the DAG file: {error}")
    dags = sorted(api.dags())
    dag = "demo_rebuild" if "demo_rebuild" in dags else next(iter(dags), "DAG")
    print(
        f"""
Airflow is ready: {site.url}
  user       {USER}
  password   {site.password()}
  pipelines  {", ".join(dags) or "none"}
  workspace  {site.workspace}

Trigger a run there, or in another terminal:
  {home}tools/airflow dags trigger {dag} --conf '{{"data": "/path/to/corpus"}}'
End with Ctrl-C.""",
        flush=True,
    )


def _end(components: list[Component]) -> None:
    # A second Ctrl-C must not leave half of it running.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if components:
        _say("ending Airflow")
    stop(next((each for each in components if each.name == "scheduler"), None))


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def _say(text: str) -> None:
    print(f"==> {text}", file=sys.stderr, flush=True)


def _raise_stopped(number: int, frame: object) -> NoReturn:
    raise _Stopped
