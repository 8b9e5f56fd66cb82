"""The pages of runs as files: which runs a page looks at, and writing it whole or not at all."""

from __future__ import annotations

from pathlib import Path

from affectflow.files import whole_file
from pipelines.review.before import previous_run, rebuild_of
from pipelines.review.facts import RunDetail
from pipelines.review.runs import Sources


def page_of(sources: Sources, run: RunDetail, pictures: bool, full: bool = True) -> str:
    """A run's page as text.

    Args:
        sources: what the other runs are read from, which it is compared with.
        pictures: False leaves pictures of people out.
        full: with everything, which takes seconds; else what is known of a run under way.
    """
    from pipelines.review.page.page import write_light_page, write_page

    root = str(sources.workspace.root)
    previous = previous_run(sources, run.facts)
    if not full:
        return write_light_page(run, previous, root=root)
    rebuild = rebuild_of(sources, run)
    if rebuild is run:
        earlier = previous
    else:
        earlier = previous_run(sources, rebuild.facts) if rebuild else None
    return write_page(run, previous, pictures, rebuild=rebuild, earlier=earlier, root=root)


def write_whole(path: Path, text: str) -> None:
    """Writes a file that is never seen in part; two who write it at once do not mix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        # A name from a file system may hold halves of letters, which are no text to a browser.
        part.write_text(text, encoding="utf-8", errors="replace")
