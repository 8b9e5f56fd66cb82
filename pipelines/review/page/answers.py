"""The top of the page: what a newcomer asks first, in plain words."""

from __future__ import annotations

import html
from collections.abc import Iterator

from pipelines.review.compare import Row, compare_runs
from pipelines.review.facts import RunDetail, RunFacts
from pipelines.review.page.parts import Section, details, items, link, paragraph, table
from pipelines.review.page.words import (
    METRICS,
    STAGES,
    count,
    counted,
    number,
    outcome,
    page_link,
    share,
    short,
    took,
    value,
    when,
)

_KINDS = {
    "rebuild": "A rebuild: it finds the faces in a corpus of annotated videos, checks and counts "
    "them, balances the training frames and prepares them for training.",
    "release": "A release run: it trains models on the data of a rebuild, measures them on videos "
    "that training has not seen, and lets a gate decide whether the result may be used.",
}
_CAUSE = "Each check of the gate:"
# As many changes stand open; of more the rest is folded away.
_FEW = 12


def section(run: RunDetail, previous: RunDetail | None) -> Section:
    """What it is, what became of it, how good it is, on which data, and what has changed.

    Args:
        previous: the run of this pipeline before it; None = there is none.
    """
    parts = [
        _heading("what", "What is this?"),
        *_what(run.facts),
        _heading("state", "How did it end?"),
        *_state(run),
    ]
    if run.facts.kind != "rebuild":
        parts += [_heading("released", "Was it released, and why?"), *_gate(run.facts)]
        parts += [_heading("good", "How good is it, and how certain is that?")]
        parts += _good(run, previous)
    parts += [_heading("which-data", "On which data?"), *_data(run)]
    parts += [_heading("changed", "What has changed since last time?"), *_changed(run, previous)]
    if run.facts.problems:
        parts += [_heading("problems", "What is missing?"), items(run.facts.problems)]
    return Section("answers", "In short", "".join(parts))


def _heading(name: str, text: str) -> str:
    return f'<h3 id="answers-{name}">{html.escape(text)}</h3>'


def _what(facts: RunFacts) -> Iterator[str]:
    yield paragraph(_KINDS.get(facts.kind, "A run of a pipeline of which the recipe is not known."))
    recipe = facts.request.get("recipe")
    told = recipe if isinstance(recipe, dict) else {}
    said = f"Recipe {facts.recipe or 'not known'}"
    if told.get("paper"):
        said += f", after {told['paper']}"
    if told.get("expect"):
        said += f". Expected: {told['expect']}"
    yield paragraph(f"{said}.")


def _state(run: RunDetail) -> Iterator[str]:
    facts = run.facts
    lasted = took(facts.duration_s)
    lasted = f", took {lasted}" if lasted else ""
    if facts.state == "running":
        lasted = lasted.replace("took", "running for")
    yield f'<p><strong class="{facts.state}">{facts.state.capitalize()}.</strong> '
    yield f"Began {html.escape(when(facts.started))}{html.escape(lasted)}.</p>"
    failed = [node for node in run.nodes if node.state == "failed"]
    for node in failed:
        yield paragraph(f"{node.node} failed: {node.why or 'no reason is recorded'}")
    if facts.state == "complete":
        return
    waiting = [node.node for node in run.nodes if node.state == "not begun"]
    stopped = [node.node for node in run.nodes if node.state == "interrupted"]
    working = [node.node for node in run.nodes if node.state == "running"]
    if working:
        yield paragraph(f"At work: {', '.join(working)}.")
    if facts.state == "interrupted":
        yield paragraph(
            "It stopped before its end and nothing works on it."
            + (f" It was at {', '.join(stopped)}." if stopped else "")
        )
    if waiting:
        yield paragraph(f"Not begun: {', '.join(waiting)}.")
    if facts.state in ("failed", "interrupted"):
        yield paragraph("What is not shown below was not made. Whatever is complete is kept.")
    if run.log and facts.state != "running":
        yield paragraph(f"What the libraries said: {run.log}")


def _gate(facts: RunFacts) -> Iterator[str]:
    if not facts.verdict:
        yield paragraph("The gate has not spoken: the run did not get that far.")
        return
    if facts.release is not None:
        said, look = f"Released as number {facts.release}.", "blessed"
        if facts.unchanged:
            said += " This very model was that release already."
    elif facts.verdict == "blessed":
        said, look = "The gate let it through; no release was made.", "blessed"
    else:
        said, look = "Refused: no release was made.", "refused"
    yield f'<p><strong class="{look}">{html.escape(said)}</strong> {_CAUSE}</p><ul>'
    for reason in facts.reasons:
        missed = reason in facts.failures
        mark, word = ("refused", "not met") if missed else ("blessed", "met")
        yield f'<li><span class="{mark}">{word}:</span> {html.escape(reason)}</li>'
    yield "</ul>"


def _good(run: RunDetail, previous: RunDetail | None) -> Iterator[str]:
    found = run.facts.headline
    if found is None:
        yield paragraph("Nothing was measured: the run did not get to its evaluation.")
        return
    metric = METRICS.get(found.metric, found.metric)
    if found.value is None:
        yield paragraph(
            f"No {metric} came out of the evaluation: predictions or labels are missing, or are "
            "one constant."
        )
        return
    name = html.escape(metric[0].upper() + metric[1:])
    said = f"<p>{name} <strong>{number(found.value)}</strong>"
    if found.low is not None and found.high is not None:
        said += f", 95 % interval {number(found.low)} to {number(found.high)}"
    on = f", on {counted(found.frames, 'evaluated frame')}" if found.frames is not None else ""
    yield f"{said} ({html.escape(STAGES.get(found.stage, found.stage))}{on}).</p>"
    if found.metric == "ccc_mean":
        yield paragraph(
            "CCC, the concordance correlation coefficient, is 1 where predictions equal the "
            "annotations and 0 where they have nothing to do with them; the mean is of valence "
            "and arousal."
        )
    if found.low is not None and found.high is not None:
        yield paragraph(
            "The interval says how much the number may owe to the choice of videos: whole videos "
            "were drawn again and again. Other people or cameras may do worse than it says."
        )
    else:
        yield paragraph("No interval was measured, so how certain the number is is not known.")
    if run.beside_score:
        yield paragraph(f"{run.beside_score}; on others it may be lower.")
    before = previous.facts.headline if previous else None
    if before and before.metric == found.metric and before.value is not None:
        change = found.value - before.value
        yield paragraph(f"Last time it was {number(before.value)}: {change:+.3f}.")
        if previous and previous.beside_score and previous.beside_score != run.beside_score:
            yield paragraph(f"That time {previous.beside_score}.")
        if _digest(run) != _digest(previous):
            yield paragraph("That was on other frames, so the difference tells little.")


def _digest(run: RunDetail | None) -> object:
    return (run.summary or {}).get("digest") if run else None


def _data(run: RunDetail) -> Iterator[str]:
    facts = run.facts
    corpus = run.settings.get("corpus") or "not known"
    yield paragraph(f"Corpus {corpus}, digest {short(facts.corpus_digest)}.")
    if facts.request.get("data"):
        yield paragraph(f"Read from {facts.request['data']}")
    if facts.rebuild_run:
        said = link(facts.rebuild_run, page_link(facts.rebuild_run))
        yield f"<p>Made ready by the rebuild {said}.</p>"
    if started := facts.started_from:
        yield paragraph(f"Training began with the weights of release {started.get('release')}.")
    if run.clips:
        yield paragraph(f"{count(run.clips.get('used'))} of {run.clips.get('listed')} videos used.")
    if facts.frames:
        rows = []
        for split, row in facts.frames.items():
            faces = row["decoded"] - row["no_face"]
            part = share(row["kept"], row["decoded"])
            rows.append(
                f"{split}: {counted(row['decoded'], 'frame')} decoded, {count(faces)} with a face, "
                f"{count(row['kept'])} kept ({part or 'none'})"
            )
        yield items(rows)
    else:
        yield paragraph("How many frames there are is not known: they were not counted, or the "
                        "count is gone.")  # fmt: skip


def _changed(run: RunDetail, previous: RunDetail | None) -> Iterator[str]:
    if previous is None:
        yield paragraph(
            f"There is nothing to compare with: no earlier run of {run.facts.pipeline or 'it'} "
            "came to its end."
        )
        return
    found = compare_runs(previous, run)
    rows = [row for row in found.rows if row.differs and _tells(row, run.facts.state)]
    said = link(previous.facts.run_id, page_link(previous.facts.run_id))
    yield f"<p>Compared with {said}, which began {when(previous.facts.started)}"
    was = outcome(previous.facts)
    yield f" ({html.escape(was)}).</p>" if was else ".</p>"
    same = [
        what
        for what, section in (("data", "data"), ("settings", "settings"), ("versions", "versions"))
        if not any(row.section == section for row in rows)
    ]
    if same:
        yield paragraph(f"The same: {', '.join(same)}.")
    if rows:
        heads = ("what", "last time", "now")
        texts = [
            (f"{row.section}: {row.name}", _shown(row, row.a), _shown(row, row.b)) for row in rows
        ]
        yield table(heads, texts[:_FEW])
        if len(texts) > _FEW:
            more = table(heads, texts[_FEW:])
            yield details(f"{len(texts) - _FEW} more differences", more)
    for note in found.notes:
        if run.facts.run_id not in note and previous.facts.run_id not in note:
            yield paragraph(f"Note: {note}.")


def _tells(row: Row, state: str) -> bool:
    """Metrics have figures of their own; and what is not there yet has not changed."""
    if row.section == "metrics":
        return False
    return not (row.b is None and state != "complete" and row.section in ("data", "outcome"))


def _shown(row: Row, item: object) -> str:
    text = value(item)
    return short(text) if "digest" in row.name and item else text
