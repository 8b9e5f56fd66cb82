"""PostgreSQL and Redis for tests: Debian's programs, on free loopback ports, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.scheduling.airflow_site import HOST, free_port


@dataclass(frozen=True)
class Postgres:
    """A running server whose users are known by password.

    Attributes:
        port: on the loopback interface.
        passwords: user -> password; each owns a database of its name.
    """

    port: int
    passwords: dict[str, str]

    def url(self, user: str, driver: str = "postgresql", password: bool = True) -> str:
        secret = f":{self.passwords[user]}" if password else ""
        return f"{driver}://{user}{secret}@{HOST}:{self.port}/{user}"


def find_program(name: str) -> Path | None:
    """On PATH, or where Debian keeps PostgreSQL's own."""
    found = shutil.which(name)
    candidates = [Path(found)] if found else []
    candidates += sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return candidates[0] if candidates else None


@contextmanager
def postgres(users: list[str]) -> Iterator[Postgres]:
    """A new cluster in a folder of its own, both gone afterwards."""
    # Not below pytest's folders: those are root's alone, and the server runs as somebody else.
    root = Path(tempfile.mkdtemp(prefix="affectflow-postgres-"))
    try:
        with _served(root, users) as server:
            yield server
    finally:
        shutil.rmtree(root, ignore_errors=True)


@contextmanager
def _served(root: Path, users: list[str]) -> Iterator[Postgres]:
    binaries = find_program("initdb").resolve().parent
    as_user: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root; Debian's package brings a user for it.
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(root, "postgres", "postgres")
    secret = root / "superuser"
    secret.write_text("superuser-of-a-test\n")
    secret.chmod(0o644)
    data, port = root / "data", free_port()

    def run(*argv: object) -> None:
        subprocess.run(
            [*as_user, *map(str, argv)], check=True, cwd=root, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip

    run(binaries / "initdb", "--no-sync", "-D", data, "-U", "super", "-A", "scram-sha-256",
        f"--pwfile={secret}")  # fmt: skip
    options = f"-p {port} -c listen_addresses={HOST} -k {root} -c fsync=off -c max_connections=200"
    run(binaries / "pg_ctl", "-D", data, "-w", "-l", root / "log", "-o", options, "start")
    try:
        server = Postgres(port, {user: f"passwordOf{user}" for user in users})
        for user, password in server.passwords.items():
            for statement in (
                f"CREATE USER {user} PASSWORD '{password}'",
                f"CREATE DATABASE {user} OWNER {user}",
            ):
                subprocess.run(
                    [find_program("psql"), "-q", "-h", HOST, "-p", str(port), "-U", "super",
                     "-d", "postgres", "-c", statement],
                    check=True, env={**os.environ, "PGPASSWORD": "superuser-of-a-test"},
                    stdin=subprocess.DEVNULL, timeout=60,
                )  # fmt: skip
        yield server
    finally:
        run(binaries / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


@contextmanager
def redis(root: Path) -> Iterator[str]:
    """The address, host:port, of a new server that keeps nothing."""
    port = free_port()
    root.mkdir(parents=True)
    with subprocess.Popen(
        [find_program("redis-server"), "--bind", HOST, "--port", str(port), "--save", "",
         "--dir", str(root)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            time.sleep(0.5)
            assert process.poll() is None, "redis-server ended at once"
            yield f"{HOST}:{port}"
        finally:
            process.terminate()
