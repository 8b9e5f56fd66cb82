"""A run of a pipeline from the command line: its log, its lock, its view."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.cli.console import NodeView, console, note, say, user_errors
from pipelines.log_stream import output_is_a_log
from pipelines.quiet import quiet_libraries
from pipelines.workspace import Workspace

if TYPE_CHECKING:
    from pipelines.compiled import Compiled
    from pipelines.node import NodeResult
    from pipelines.run_record import Request


@dataclass(frozen=True)
class Session:
    """Holds a workspace while pipelines run in it.

    Attributes:
        workspace: the folder.
        stamp: UTC time, part of the names of its runs.
    """

    workspace: Workspace
    stamp: str

    def run_id(self, compiled: Compiled) -> str:
        """Name of the pipeline's run."""
        return f"{compiled.pipeline}.{self.stamp}"

    def data(self, compiled: Compiled) -> Mapping[str, Any]:
        """What the pipeline's run, begun by now, works on (see pipelines.rebuild_data)."""
        from pipelines.run_record import RUN_FILE, load_record

        return load_record(self.workspace.run(self.run_id(compiled)) / RUN_FILE).data or {}

    def run(
        self, compiled: Compiled, request: Request, beam: Sequence[str]
    ) -> Mapping[str, NodeResult]:
        """Runs a pipeline and shows its nodes."""
        from pipelines.gone import close_gone
        from pipelines.local import run_local
        from pipelines.report import keep_report
        from pipelines.run import start_run

        run_id = self.run_id(compiled)
        close_gone(self.workspace, run_id)
        record, pipeline = start_run(self.workspace, compiled, run_id, request)
        if record.data is not None:
            say(f"data of {record.data['run_id']}")
        if record.start is not None:
            say(f"starts from release {record.start['release']}")
        console.print(f"[bold]{compiled.pipeline}[/]  run {record.run_id}")
        try:
            with NodeView() as view:

                def on_node(node: str, result: NodeResult | None) -> None:
                    view.on_node(node, result)
                    if result is not None and node != compiled.nodes[-1]:
                        keep_report(self.workspace, compiled, record, under_way=True)

                return run_local(pipeline, self.workspace, beam, on_node)
        finally:
            keep_report(self.workspace, compiled, record)


@contextmanager
def session(root: Path, verbose: bool) -> Iterator[Session]:
    """Opens a workspace: locks it, keeps libraries quiet, makes errors readable.

    What is printed meanwhile, and what libraries log, never stops the run: what there is no room
    for is lost.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    with user_errors():
        workspace = Workspace(root.resolve())
    log = workspace.root / "logs" / f"{stamp}.log"
    with user_errors(log, workspace.written), output_is_a_log():
        from pipelines.moved import settle
        from pipelines.workspace import workspace_lock

        with workspace_lock(workspace), _quiet(log, verbose):
            settle(workspace)
            if workspace.warning:
                note(workspace.warning)
            yield Session(workspace, stamp)


@contextmanager
def _quiet(log: Path, verbose: bool) -> Iterator[None]:
    """Has libraries write into the log; where it cannot be made, nowhere."""
    with ExitStack() as open_:
        try:
            open_.enter_context(quiet_libraries(log, verbose))
        except OSError as error:
            say(f"{log} cannot be written ({error.strerror}): what libraries say is lost")
            open_.enter_context(quiet_libraries(Path(os.devnull), verbose))
        yield
