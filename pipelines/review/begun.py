"""Which runs there are: those that ML Metadata knows, and those that have a folder."""

from __future__ import annotations

import difflib
import os
import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from affectflow.errors import InputError
from affectflow.files import file_name
from pipelines.review.documents import read_record
from pipelines.review.store import Store
from pipelines.run_record import RUN_FILE, RunRecord
from pipelines.workspace import Workspace

LATEST = "latest"
_OFFERED = 5


@dataclass(frozen=True)
class Begun:
    """A run that was begun.

    Attributes:
        run_id: its name.
        folder: where its record is, or was.
        context_id: in ML Metadata; None when it is not known there.
        started: when it began; None when nothing tells.
    """

    run_id: str
    folder: Path
    context_id: int | None
    started: datetime | None

    def record(self) -> tuple[RunRecord | None, str]:
        """What the run was told and "", or None and what is wrong with the file."""
        return read_record(self.folder / RUN_FILE)


def begun_runs(workspace: Workspace, store: Store) -> list[Begun]:
    """All runs, newest first."""
    folder = workspace.root / "runs"
    names = set(os.listdir(folder)) if folder.is_dir() else set()
    found = []
    for context in store.runs():
        path = workspace.run(context.name)
        names.discard(path.name)
        created = datetime.fromtimestamp(context.create_time_since_epoch / 1000, UTC)
        found.append(Begun(context.name, path, context.id, created))
    found += [_of_folder(folder / name) for name in names if not name.startswith(".")]
    oldest = datetime.fromtimestamp(0, UTC)
    return sorted(found, key=lambda run: (run.started or oldest, run.run_id), reverse=True)


def find_run(runs: Sequence[Begun], name: str) -> Begun:
    """The run that a name means: its own, the beginning of one run's alone, or ``latest``.

    Args:
        runs: newest first.

    Raises:
        InputError: no run, or several; the message names some that would do.
    """
    if not runs:
        raise InputError("there are no runs; 'affectflow rebuild' makes one")
    if name == LATEST:
        return runs[0]
    exact = [run for run in runs if run.run_id == name]
    if exact:
        return exact[0]
    started = [run for run in runs if name and run.run_id.startswith(name)]
    if len(started) == 1:
        return started[0]
    if started:
        raise InputError(
            f"run {name!r} is the beginning of {len(started)} runs: {_offer(started)};"
            " more of the name would do"
        )
    near = [run for run in runs if name and name.lower() in run.run_id.lower()]
    alike = difflib.get_close_matches(name, [run.run_id for run in runs], _OFFERED, 0.5)
    near = near or [run for run in runs if run.run_id in alike] or list(runs)
    raise InputError(f"there is no run {name!r}; {_offer(near)} would do, or '{LATEST}'")


def _of_folder(folder: Path) -> Begun:
    """A run that was told what to do, and of which no node began."""
    record, _ = read_record(folder / RUN_FILE)
    run_id = record.run_id if record else urllib.parse.unquote(folder.name)
    # A record that was copied from elsewhere does not make its folder another run's.
    if record and file_name(run_id) != folder.name:
        run_id = urllib.parse.unquote(folder.name)
    try:
        changed = (folder / RUN_FILE).stat().st_mtime
    except OSError:
        return Begun(run_id, folder, None, None)
    return Begun(run_id, folder, None, datetime.fromtimestamp(changed, UTC))


def _offer(runs: Sequence[Begun]) -> str:
    names = ", ".join(run.run_id for run in runs[:_OFFERED])
    return names if len(runs) <= _OFFERED else f"{names}, …"
