"""Listing a thousand runs with all that a row says, in seconds.

Of its own work: what an interpreter takes to start, and modules to be imported, is not in it.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from bench.cost import seconds
from bench.recorded import Recorder
from bench.recorded_runs import rebuild, release
from bench.result import Result
from bench.workbench import Workbench
from pipelines.metadata_store import ADDRESS, metadata_connection
from pipelines.workspace import Workspace

RUNS, BOUND_S = 1000, 2.0
# Of ten runs one is a rebuild; an evaluation has as many videos as Aff-Wild2's validation set.
_REBUILDS, _VIDEOS = 10, 76


def measure(bench: Workbench) -> list[Result]:
    """Seconds for the whole list, from opening the store."""
    from pipelines.review.runs import read_runs
    from pipelines.review.store import open_store

    workspace = Workspace(bench.root / "review")
    _record(workspace)
    rows = read_runs(workspace, open_store(workspace, environment={}))
    took = seconds(lambda: read_runs(workspace, open_store(workspace, environment={})))
    detail = f"{len(rows)} runs in {took:.2f} s, {took / len(rows) * 1000:.2f} ms each"
    return [Result("review", took, BOUND_S, at_most=True, detail=detail)]


def _record(workspace: Workspace) -> None:
    # In memory where there is one: on a disk each of the many transactions takes milliseconds.
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        store = Path(folder, "metadata.sqlite")
        address = {ADDRESS: f"sqlite:///{store}"}
        fill(Recorder(workspace.root, metadata_connection(workspace, address)), RUNS)
        shutil.copyfile(store, workspace.metadata)


def fill(recorder: Recorder, runs: int, videos: int = _VIDEOS) -> None:
    """Records so many runs, every node of each."""
    rebuilt = None
    for index in range(runs):
        if rebuilt is None or index % _REBUILDS == 0:
            rebuilt = rebuild(recorder, f"demo_rebuild.run{index:04d}", videos=videos)
        else:
            number = index if index % 2 else None
            release(
                recorder,
                f"demo_release.run{index:04d}",
                rebuilt,
                number=number,
                ccc=index / runs,
                videos=videos,
            )
