"""One run for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.text import Text

from affectflow.records.counts import notes
from affectflow.records.rejects import group_rows
from pipelines.cli.console import console
from pipelines.cli.runs_list import STYLES, outcome, score
from pipelines.cli.terminal import (
    UNKNOWN,
    Columns,
    cell,
    duration,
    line,
    local_time,
    short,
)
from pipelines.review.documents import FATES, texts
from pipelines.review.facts import ArtifactFacts, NodeFacts, RunDetail

_STYLES = STYLES | {"run": "green", "cached": "cyan", "imported": "cyan", "skipped": "yellow"}


def show_run(run: RunDetail, root: Path, settings: bool) -> None:
    """Prints everything of a run that a person asks for first."""
    facts = run.facts
    title = cell(f"{facts.run_id}  ", "bold")
    console.print(title.append_text(cell(facts.state, _STYLES[facts.state])), soft_wrap=True)
    line("pipeline", f"{facts.pipeline or UNKNOWN}, recipe {facts.recipe or UNKNOWN}")
    line("began", f"{local_time(facts.started)}, took {duration(facts.duration_s)}")
    for path in (run.report, run.log if facts.state in ("failed", "interrupted") else ""):
        if path:
            line("report" if path == run.report else "log", path)
    for problem in facts.problems:
        line("problem", problem, "yellow")
    _nodes(run, f"{root}/")
    _gate(run)
    _data(run)
    if settings:
        _values("settings", run.settings)
    _values("versions", {"code": facts.code_version, **run.packages})


def _nodes(run: RunDetail, root: str) -> None:
    console.print()
    table = Columns("node", "state", "took", "execution", "gave", right=("took", "execution"))
    for node in run.nodes:
        table.add_row(
            cell(node.node),
            cell(node.state, _STYLES.get(node.state, "dim")),
            cell(duration(node.duration_s) if node.duration_s is not None else ""),
            cell("" if node.execution_id is None else node.execution_id),
            Text("\n").join(_gave(node, run.facts.run_id, root)),
        )
    table.print()


def _gave(node: NodeFacts, run_id: str, root: str) -> Iterator[Text]:
    for artifact in node.outputs:
        said = cell(f"{artifact.key}  {artifact.uri.removeprefix(root)}")
        if artifact.made_by not in ("", run_id):
            said.append_text(cell(f"  of {artifact.made_by}", "dim"))
        if not artifact.exists and not _is_a_mark(artifact):
            said.append_text(cell("  files deleted", "yellow"))
        yield said
    if node.why:
        yield cell(node.why, _STYLES.get(node.state, ""))
    if node.attempts > 1:
        yield cell(f"attempt {node.attempts}", "dim")


def _is_a_mark(artifact: ArtifactFacts) -> bool:
    """Whether there never was anything: what a Pusher gives stands in the artifact itself."""
    return artifact.type == "PushedModel"


def _gate(run: RunDetail) -> None:
    facts = run.facts
    if facts.headline is None and not facts.verdict:
        return
    console.print()
    console.print(Text("gate  ", "bold").append_text(outcome(facts)), soft_wrap=True)
    if facts.headline is not None:
        frames = f", {facts.headline.frames} frames" if facts.headline.frames is not None else ""
        line("score", f"{facts.headline.stage} {score(facts.headline, interval=True)}{frames}")
        if run.beside_score:
            line("", run.beside_score, "yellow")
    for reason in facts.reasons:
        missed = reason in facts.failures
        console.print(cell(f"  {reason}", "yellow" if missed else ""), soft_wrap=True)


def _data(run: RunDetail) -> None:
    facts = run.facts
    console.print()
    console.print("[bold]data[/]")
    line("corpus", f"digest {short(facts.corpus_digest)}")
    if folder := facts.request.get("data"):
        line("folder", folder)
    if facts.rebuild_run:
        line("rebuild", facts.rebuild_run)
    if facts.started_from:
        started = facts.started_from
        line("began from", f"release {started.get('number')}  {started.get('release')}")
    if run.clips:
        line("clips", f"{run.clips.get('used')} of {run.clips.get('listed')} used")
        for sentence in notes(run.clips):
            line("", sentence)
    if facts.kind == "rebuild":
        for group in group_rows(run.rejects):
            line("rejected", group.told())
        for sentence in run.duplicates.told() if run.duplicates else ():
            line("equal clips", sentence)
        for remark in texts(run.clips.get("remarks")):
            line("note", remark)
    if facts.frames:
        splits = list(facts.frames)
        table = Columns("frames", *splits, right=splits)
        for fate in FATES:
            counts = [cell(facts.frames[split][fate]) for split in splits]
            table.add_row(cell(fate.replace("_", " ")), *counts)
        table.print()


def _values(title: str, values: Mapping[str, Any]) -> None:
    told = {name: value for name, value in values.items() if value not in ("", None)}
    if not told:
        return
    console.print()
    table = Columns(title, "")
    for name, value in told.items():
        table.add_row(cell(name), cell(value))
    table.print()
