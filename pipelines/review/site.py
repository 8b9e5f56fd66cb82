"""Pages of all runs, and an index of them: a folder that opens from a disk, or behind a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from affectflow.locks import held
from affectflow.private import private_folder
from pipelines.review.detail import detail_of
from pipelines.review.facts import RunFacts
from pipelines.review.page.index import index_page
from pipelines.review.page.page import INDEX, mark
from pipelines.review.page.words import page_name
from pipelines.review.pages import page_of, write_whole
from pipelines.review.runs import Sources, list_runs, look_up

_HEAD = 400
"""Bytes of a page in which it says what it holds."""


@dataclass(frozen=True)
class Site:
    """What was written.

    Attributes:
        index: path of the index.
        written: names of runs whose pages were.
        kept: names of runs whose pages were there already.
        failed: names of runs whose pages could not be made, with why.
    """

    index: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]


def write_site(
    sources: Sources,
    out: Path,
    pictures: bool,
    everything: bool = False,
    on_page: Callable[[str], None] = lambda run_id: None,
) -> Site:
    """Writes the pages that are not there or are older than their runs' ends, and the index.

    Args:
        out: a folder; the workspace's own has the pages that runs wrote. One that is absent is
            made, and closed to others where its pages may show people.
        pictures: False leaves pictures of people out, and writes pages anew that have some.
        everything: every page anew, as after files of runs were deleted.
        on_page: called before each page, which takes seconds, with the run's name.

    Raises:
        OSError: the folder cannot be written.
    """
    if pictures:
        private_folder(out)
    runs = list_runs(sources)
    begun = {run.run_id: run for run in sources.runs}
    written, kept, failed = [], [], []
    for run in runs:
        path = out / page_name(run.run_id)
        if not everything and _is_fresh(path, run, pictures):
            kept.append(run.run_id)
            continue
        on_page(run.run_id)
        detail = detail_of(sources, look_up(sources, begun[run.run_id]))
        try:
            text = page_of(sources, detail, pictures)
        except Exception as error:  # one run in ruins keeps no other from its page
            failed.append((run.run_id, f"{type(error).__name__}: {error}"))
            if not pictures:
                path.unlink(missing_ok=True)  # what stands there may show faces
            continue
        write_whole(path, text)
        written.append(run.run_id)
    index = write_index(sources, out, runs)
    return Site(index, tuple(written), tuple(kept), tuple(failed))


def write_index(sources: Sources, out: Path, runs: Sequence[RunFacts] | None = None) -> Path:
    """Writes the index alone; seconds for a thousand runs.

    Args:
        runs: all of them; None = they are listed now.
    """
    path = out / INDEX
    # Of two runs that end at once the later index has both.
    with held(out / ".index.lock"):
        found = list_runs(sources) if runs is None else runs
        pages = {run.run_id for run in found if (out / page_name(run.run_id)).is_file()}
        write_whole(path, index_page(found, pages, str(sources.workspace.root)))
    return path


def _is_fresh(path: Path, run: RunFacts, pictures: bool) -> bool:
    """Whether a page holds everything, as it was asked for, of a run that has ended."""
    ended = run.ended or run.started
    if run.state == "running" or ended is None:
        return False
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD).decode("utf-8", "replace")
        return f'"{mark(True, pictures)}"' in head and path.stat().st_mtime >= ended.timestamp()
    except OSError:
        return False
