"""Whether something still works on a run, which ML Metadata does not know.

A node that was killed is left as running there for ever. But whoever works holds a lock, which the
operating system takes away from the dead: a command holds its workspace, a scheduler's node its
node of the run (see pipelines.workspace).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from affectflow.locks import is_held
from pipelines.workspace import Workspace

_REPORT = "report.lock"


def is_alive(workspace: Workspace, folder: Path, newest_of_commands: bool) -> bool:
    """Whether a process works on a run.

    Args:
        folder: of the run.
        newest_of_commands: no later run was started by a command, for a workspace's lock does not
            say which run it is held for.
    """
    nodes = node_locks(folder)
    if nodes:
        return any(is_held(path) for path in nodes)
    return newest_of_commands and folder.is_dir() and is_held(workspace.root / ".lock")


def works_beside(folder: Path, node: str) -> bool:
    """Whether a process works on another node of a scheduler's run than ``node``."""
    return any(is_held(path) for path in node_locks(folder) if path.name != f"{node}.lock")


def node_locks(folder: Path) -> list[Path]:
    """The locks of a run's nodes; a run that a command started has none."""
    return [path for path in folder.glob("*.lock") if path.name != _REPORT]


def newest_of_commands(folders: Iterable[Path]) -> Path | None:
    """The first folder of a run that a command started; None when there is none."""
    return next((path for path in folders if path.is_dir() and not node_locks(path)), None)
