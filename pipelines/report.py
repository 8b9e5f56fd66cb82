"""One page a run, written anew after every node, and the index of all runs at a run's end.

So there is a page, too, for a run that failed or was given up. Drawing takes seconds: while a run
is under way its page has no figures, and when it is over it has everything. Pictures of people are
left out with ``AFFECTFLOW_REPORT_PICTURES=0`` in the environment of whatever runs the nodes.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from affectflow.files import file_name
from affectflow.locks import held
from pipelines.workspace import Workspace

if TYPE_CHECKING:
    # What makes pages is imported when one is made: a node's process is to start soon.
    from pipelines.compiled import Compiled
    from pipelines.review.facts import RunDetail
    from pipelines.review.runs import Sources
    from pipelines.run_record import RunRecord

_log = logging.getLogger(__name__)

_OVER = ("complete", "failed", "interrupted")


def report_path(workspace: Workspace, run_id: str) -> Path:
    """Where a run's page is."""
    return workspace.reports / f"{file_name(run_id)}.html"


def keep_report(
    workspace: Workspace,
    compiled: Compiled,
    record: RunRecord,
    node: str = "",
    under_way: bool = False,
) -> None:
    """Writes the page, or says why not: a page must not hide how its run ended.

    Args:
        node, under_way: see ``write_report``.
    """
    try:
        write_report(workspace, compiled, record, node, under_way)
    except Exception as error:
        _log.warning("the report of run %s could not be written: %s", record.run_id, error)


def write_report(
    workspace: Workspace,
    compiled: Compiled,
    record: RunRecord,
    node: str = "",
    under_way: bool = False,
) -> Path:
    """Writes the page; of nodes that end at once the last one's is the whole story.

    Args:
        node: that a scheduler runs, whose lock the caller holds; "" = a command runs them all.
        under_way: the command has not come to its end.
    """
    from pipelines.review.page.crops import pictures_wanted
    from pipelines.review.pages import page_of, write_whole

    path = report_path(workspace, record.run_id)
    with held(workspace.run(record.run_id) / "report.lock"):
        sources, run = _read(workspace, compiled, record, node, under_way)
        over = run.facts.state in _OVER
        write_whole(path, page_of(sources, run, pictures_wanted(), full=over))
    if over:
        from pipelines.review.site import write_index

        write_index(sources, workspace.reports)
    return path


def _read(
    workspace: Workspace, compiled: Compiled, record: RunRecord, node: str, under_way: bool
) -> tuple[Sources, RunDetail]:
    """The run as it stands, although the caller holds a lock that says that it is worked on."""
    from pipelines.review.alive import works_beside
    from pipelines.review.begun import find_run
    from pipelines.review.detail import detail_of
    from pipelines.review.facts import NodeFacts
    from pipelines.review.runs import Sources, look_up
    from pipelines.review.store import open_store

    ends = not under_way and not (node and works_beside(workspace.run(record.run_id), node))
    store = open_store(workspace)
    sources = Sources.of(workspace, store, record.run_id if ends else "")
    run = detail_of(sources, look_up(sources, find_run(sources.runs, record.run_id)))
    if node and run.facts.state == "interrupted":
        # Between two nodes of a scheduler, which begins the next one: nobody has given the run up.
        run = replace(run, facts=replace(run.facts, state="running", ended=None))
    if run.facts.state != "complete":
        known = {found.node for found in run.nodes}
        rest = tuple(NodeFacts(n, "not begun") for n in compiled.nodes if n not in known)
        run = replace(run, nodes=run.nodes + rest)
    return sources, run
