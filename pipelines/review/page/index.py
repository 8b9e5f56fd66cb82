"""The index of all runs: a table, how metrics and data went over time, and the releases."""

from __future__ import annotations

import html
import math
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from pipelines.review.facts import MARK, RunFacts
from pipelines.review.page.page import assemble
from pipelines.review.page.parts import (
    Cell,
    Link,
    Number,
    Section,
    details,
    figure,
    paragraph,
    table,
)
from pipelines.review.page.words import (
    METRICS,
    count,
    outcome,
    page_link,
    score,
    short,
    took,
    when,
)

_LATEST = 100
"""Runs that stand open; the older ones are folded away."""
_HEADS = ("run", "state", "began", "took", "corpus", "frames kept", "score (95 %)", "outcome")


def index_page(runs: Sequence[RunFacts], pages: Collection[str], root: str) -> str:
    """The file as text.

    Args:
        runs: newest first.
        pages: names of those that have a page beside the index.
        root: the workspace's folder.
    """
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    running = sum(run.state == "running" for run in runs)
    told = f"{count(len(runs))} runs" if len(runs) != 1 else "1 run"
    told += f", {running} of them under way" if running else ""
    head = (
        f"<p>{told} in {html.escape(root)}.</p>"
        f'<p class="quiet">As of {now}. A run writes its page and this index when it ends; '
        "'affectflow site' writes all anew.</p>"
    )
    sections = [
        Section("runs", "All runs", _runs(runs, pages)),
        Section("trends", "Over time", "".join(_trends(runs))),
        Section("releases", "Releases", _releases(runs, pages)),
    ]
    return assemble("affectflow runs", head, sections, "index")


def _runs(runs: Sequence[RunFacts], pages: Collection[str]) -> str:
    if not runs:
        return paragraph("There are no runs yet; 'affectflow rebuild' makes one.")
    rows = [_row(run, pages) for run in runs]
    body = table(_HEADS, rows[:_LATEST])
    if len(rows) > _LATEST:
        body += details(f"{len(rows) - _LATEST} older runs", table(_HEADS, rows[_LATEST:]))
    return body + _legend(runs)


def _legend(runs: Sequence[RunFacts]) -> str:
    """What the mark at a score means, below what shows one."""
    if not any(run.mark for run in runs):
        return ""
    return paragraph(
        f"{MARK} Some clips for evaluation are equal to training clips; the run's page says how "
        "many. On others the score may be lower."
    )


def _row(run: RunFacts, pages: Collection[str]) -> tuple[Any, ...]:
    kept = run.frames_kept
    return (
        _link(run, pages),
        run.state + (", files missing" if run.problems else ""),
        when(run.started).removesuffix(" UTC"),
        Number(took(run.duration_s)),
        short(run.corpus_digest) if run.corpus_digest else "",
        Number("" if kept is None else count(kept)),
        score(run.headline) + run.mark,
        outcome(run),
    )


def _link(run: RunFacts, pages: Collection[str]) -> Link:
    return Link(run.run_id, page_link(run.run_id) if run.run_id in pages else "")


def _trends(runs: Sequence[RunFacts]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[RunFacts]] = {}
    for run in runs:
        if run.headline is not None and run.headline.value is not None and run.started:
            groups.setdefault((run.recipe, run.headline.metric), []).append(run)
    if not groups:
        yield paragraph("No run has been evaluated yet.")
    for number, ((recipe, metric), found) in enumerate(sorted(groups.items())):
        name = METRICS.get(metric, metric)

        def draw(found: list[RunFacts] = found, name: str = name, number: int = number) -> Any:
            from affectflow.figures import TrendRun, trend

            return trend(
                [TrendRun(**_point(run)) for run in found],
                metric=name,
                size_of="frames kept",
                figure_id=f"trend-{number}",
            )

        yield f"<h3>{html.escape(recipe or 'recipe not known')}: {html.escape(name)}</h3>"
        yield figure(draw)
        yield _legend(found)
    yield from _rebuilds(runs)


def _point(run: RunFacts) -> dict[str, Any]:
    found = run.headline
    assert found is not None
    ends = (math.nan if end is None else end for end in (found.low, found.high))
    low, high = ends
    return {
        "when": run.started,
        "name": run.run_id + run.mark,
        "value": found.value,
        "low": low,
        "high": high,
        "size": run.frames_kept or 0,
        "passed": {"blessed": True, "refused": False}.get(run.verdict),
    }


def _rebuilds(runs: Sequence[RunFacts]) -> Iterator[str]:
    """How much data each rebuild gave, of recipes that were rebuilt more than once."""
    groups: dict[str, list[RunFacts]] = {}
    for run in runs:
        if run.kind == "rebuild" and run.frames and run.started:
            groups.setdefault(run.recipe, []).append(run)
    for recipe, found in sorted(groups.items()):
        if len(found) < 2:
            continue
        rows: list[tuple[Cell, ...]] = [
            (
                when(run.started).removesuffix(" UTC"),
                *(Number(count(sum(row[fate] for row in run.frames.values()))) for fate in _FATES),
                short(run.corpus_digest),
            )
            for run in found
        ]
        yield details(
            f"Data of {recipe} over time: {len(found)} rebuilds",
            table(("began", "decoded", "without a face", "kept", "corpus"), rows),
        )


_FATES = ("decoded", "no_face", "kept")


def _releases(runs: Sequence[RunFacts], pages: Collection[str]) -> str:
    released = [run for run in runs if run.release is not None]
    rows = [
        (
            f"{run.release}",
            run.recipe,
            _link(run, pages),
            when(run.started).removesuffix(" UTC"),
            score(run.headline) + run.mark,
            "the same model again" if run.unchanged else "",
        )
        for run in released
    ]
    if not rows:
        return paragraph("No model has been released yet.")
    body = table(("number", "recipe", "run", "began", "score (95 %)", ""), rows)
    return body + _legend(released)
