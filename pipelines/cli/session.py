"""A run of a pipeline from the command line: its log, its lock, its view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.cli.console import NodeView, console, quiet_libraries, user_errors
from pipelines.workspace import Workspace

if TYPE_CHECKING:
    from tfx.orchestration.pipeline import Pipeline

    from pipelines.node import NodeResult


@dataclass(frozen=True)
class Session:
    """Holds a workspace while pipelines run in it.

    Attributes:
        workspace: the folder.
        stamp: UTC time, part of the names of its runs.
    """

    workspace: Workspace
    stamp: str

    def run(self, pipeline: Pipeline) -> Mapping[str, NodeResult]:
        """Runs a pipeline and shows its nodes."""
        from pipelines.local import run_local

        name = pipeline.pipeline_info.pipeline_name
        run_id = f"{name}.{self.stamp}"
        console.print(f"[bold]{name}[/]  run {run_id}")
        with NodeView() as view:
            return run_local(pipeline, run_id, view.on_node)


@contextmanager
def session(root: Path, verbose: bool) -> Iterator[Session]:
    """Opens a workspace: locks it, keeps libraries quiet, makes errors readable."""
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S.%fZ")
    workspace = Workspace(root.resolve())
    log = workspace.root / "logs" / f"{stamp}.log"
    with user_errors(log):
        from pipelines.workspace import workspace_lock

        with workspace_lock(workspace), quiet_libraries(log, verbose):
            yield Session(workspace, stamp)
