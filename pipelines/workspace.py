"""The folder where runs leave what they make."""

from __future__ import annotations

import fcntl
import os
import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from affectflow.errors import Busy, InputError
from affectflow.files import file_name
from affectflow.locks import held
from affectflow.private import open_to_everyone, private_folder

_PATIENCE_S = 1.0


@dataclass(frozen=True)
class Workspace:
    """Paths below one root.

    Attributes:
        root: absolute.

    Raises:
        InputError: its name cannot be recorded.
    """

    root: Path

    def __post_init__(self) -> None:
        check_recordable("workspace", self.root)

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

    @property
    def reports(self) -> Path:
        """A page a run, by the run's file name."""
        return self.root / "reports"

    def make(self) -> None:
        """Makes the root where there is none: closed to others, for it holds faces.

        Raises:
            InputError: it cannot be made.
        """
        try:
            private_folder(self.root)
        except OSError as error:
            raise self.unwritable(error) from error

    def unwritable(self, error: OSError) -> InputError:
        """What to tell of an error when something was to be written."""
        return InputError(
            f"workspace {self.root} cannot be written ({error.strerror});"
            " choose another with --workspace"
        )

    @property
    def warning(self) -> str | None:
        """What its owner should know of who may read it; None: nothing."""
        if not open_to_everyone(self.root):
            return None
        return (
            f"workspace {self.root} holds faces, and everyone on this machine may read it:"
            f" chmod o-rwx {shlex.quote(str(self.root))} would close it"
        )

    @property
    def written(self) -> tuple[Path, ...]:
        """Folders that a run writes to: on a full disk one of them is meant."""
        return (self.root, self.faces, self.releases)

    def run(self, run_id: str) -> Path:
        """Folder of what is known of one run: ``run.json`` and its nodes' locks."""
        return self.root / "runs" / file_name(run_id)


def check_recordable(what: str, folder: str | Path) -> None:
    """ML Metadata holds texts: not each name that a file system takes is one.

    Raises:
        InputError: the folder's is none.
    """
    try:
        str(folder).encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{what} {folder} has a name that is no UTF-8, so no run can be recorded with it;"
            " rename the folder"
        ) from error


@contextmanager
def workspace_lock(workspace: Workspace, shared: bool = False) -> Iterator[None]:
    """Holds the workspace for one run at a time.

    The lock is the operating system's, so a killed run leaves none behind.

    Args:
        shared: for a node that a scheduler runs: beside others of its kind, which the scheduler
            keeps apart, but not beside a command that has the workspace to itself.

    Raises:
        InputError: the folder cannot be written.
        Busy: another run holds it.
    """
    workspace.make()
    try:
        file = open(workspace.root / ".lock", "a+", encoding="utf-8")  # noqa: SIM115
    except OSError as error:
        raise workspace.unwritable(error) from error
    with file:
        if not _locked(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX):
            file.seek(0)
            holder = file.read().strip() or "of a scheduler"
            raise Busy(
                f"another run (process {holder}) is using workspace {workspace.root};"
                " wait for it, or choose another with --workspace"
            )
        file.truncate(0)
        if not shared:
            # Who holds it is for the message above alone, and a full disk does not take it.
            with suppress(OSError):
                os.write(file.fileno(), str(os.getpid()).encode())
        yield


@contextmanager
def node_lock(workspace: Workspace, run_id: str, node: str) -> Iterator[None]:
    """Holds a node of a run; a second process for the same node waits until the first has ended.

    A scheduler that lost sight of a process starts another one, while the first may still run.
    """
    with held(workspace.run(run_id) / f"{node}.lock"):
        yield


def _locked(file: TextIO, mode: int) -> bool:
    # A decoder that was just being started when its run was killed holds the lock until it has
    # become another program: so ask again for a moment.
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            fcntl.flock(file, mode | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
