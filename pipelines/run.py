"""Starts a run, or goes on with it: what it was told, and the pipeline that follows from that."""

from __future__ import annotations

from tfx.proto.orchestration import pipeline_pb2

from pipelines.bind import bind
from pipelines.compiled import Compiled
from pipelines.rebuild_data import choose_rebuild
from pipelines.run_record import Request, RunRecord, begin_run
from pipelines.start_release import choose_start
from pipelines.workspace import Workspace


def start_run(
    workspace: Workspace, compiled: Compiled, run_id: str, request: Request
) -> tuple[RunRecord, pipeline_pb2.Pipeline]:
    """The run's record, and its pipeline with every slot filled.

    Raises:
        InputError: see ``begin_run``; or a release finds no rebuild to train on, or cannot start
            from the release that it is to start from.
    """
    record = begin_run(
        workspace,
        compiled,
        run_id,
        request,
        lambda: choose_rebuild(workspace, request) if compiled.kind == "release" else None,
        lambda: choose_start(workspace, request),
    )
    return record, bind(compiled, request, record, workspace)
