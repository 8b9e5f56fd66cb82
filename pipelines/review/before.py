"""The run before a run: what a page compares with."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.moved import pipeline_of
from pipelines.review.begun import Begun
from pipelines.review.detail import detail_of
from pipelines.review.facts import RunDetail, RunFacts
from pipelines.review.runs import Sources, look_up


def previous_run(sources: Sources, run: RunFacts) -> RunDetail | None:
    """The newest run of the same pipeline that began before it and came to its end."""
    for begun in _older(sources, run.run_id):
        record, _ = begun.record()
        if (record.pipeline if record else pipeline_of(begun.run_id)) != run.pipeline:
            continue
        found = look_up(sources, begun)
        if found.facts.pipeline == run.pipeline and found.facts.state == "complete":
            return detail_of(sources, found)
    return None


def rebuild_of(sources: Sources, run: RunDetail) -> RunDetail | None:
    """The rebuild whose data a run works on: itself, or the one that a release trains on."""
    if run.facts.kind == "rebuild":
        return run
    named = [begun for begun in sources.runs if begun.run_id == run.facts.rebuild_run]
    return detail_of(sources, look_up(sources, named[0])) if named else None


def _older(sources: Sources, run_id: str) -> Iterator[Begun]:
    """Runs that began before it, newest first."""
    passed = False
    for begun in sources.runs:
        if passed:
            yield begun
        passed = passed or begun.run_id == run_id
