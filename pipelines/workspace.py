"""The folder where runs leave what they make."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from affectflow.errors import AffectflowError, InputError

_PATIENCE_S = 1.0


@dataclass(frozen=True)
class Workspace:
    """Paths below one root.

    Attributes:
        root: absolute.
    """

    root: Path

    @property
    def metadata(self) -> Path:
        """ML Metadata's SQLite file."""
        return self.root / "metadata.sqlite"

    @property
    def artifacts(self) -> Path:
        """What nodes give, by pipeline, node and execution."""
        return self.root / "artifacts"

    @property
    def faces(self) -> Path:
        """The content-addressed store of faces."""
        return self.root / "faces"

    @property
    def training(self) -> Path:
        """State of unfinished training runs, from which a killed one goes on."""
        return self.root / "training"

    @property
    def releases(self) -> Path:
        """Numbered releases and refusals."""
        return self.root / "releases"


@contextmanager
def workspace_lock(workspace: Workspace) -> Iterator[None]:
    """Holds the workspace for one run at a time.

    The lock is the operating system's, so a killed run leaves none behind.

    Raises:
        InputError: the folder cannot be written, or another run holds it.
    """
    try:
        workspace.root.mkdir(parents=True, exist_ok=True)
        file = open(workspace.root / ".lock", "a+", encoding="utf-8")  # noqa: SIM115
    except OSError as error:
        raise InputError(
            f"workspace {workspace.root} cannot be written ({error.strerror});"
            " choose another with --workspace"
        ) from error
    with file:
        if not _locked(file):
            file.seek(0)
            holder = file.read().strip() or "unknown"
            raise AffectflowError(
                f"another run (process {holder}) is using workspace {workspace.root};"
                " wait for it, or choose another with --workspace"
            )
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _locked(file: TextIO) -> bool:
    # A decoder that was just being started when its run was killed holds the lock until it has
    # become another program: so ask again for a moment.
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
