"""The lineage of a release for people."""

from __future__ import annotations

from datetime import datetime

from pipelines.cli.console import console
from pipelines.cli.runs_list import score
from pipelines.cli.terminal import (
    UNKNOWN,
    Columns,
    cell,
    duration,
    line,
    local_time,
    short,
)
from pipelines.review.lineage import ORDER, Lineage, Thing


def show_lineage(found: Lineage, videos: int | None) -> None:
    """Prints the way back, step by step, then the way forward.

    Args:
        videos: the first so many; None = all.
    """
    name = "release" if found.number is None else f"release {found.number}"
    console.print(cell(f"{name}  {found.path}", "bold"), soft_wrap=True)
    line("made", f"{_created(found.created)}, {found.origin}")
    line("by run", f"{found.run_id}, code {found.code_version or UNKNOWN}")
    for problem in found.problems:
        line("problem", problem, "yellow")
    if found.evaluation or found.headline:
        _title("evaluation")
        if found.headline:
            line("score", f"{found.headline.stage} {score(found.headline, interval=True)}")
            if found.beside_score:
                line("", found.beside_score, "yellow")
        for reason in found.verdict:
            line("gate", reason)
        if found.evaluation:
            _thing(found.evaluation, "folder")
    _title("models")
    for model in found.models:
        _thing(model, model.name)
    for stage, file in dict(found.imported.get("imported", {})).items():
        line(stage, f"{file.get('name')}  {short(file.get('sha256'))}")
    started = found.started_from
    if started:
        line("began from", f"release {started.get('number')}  {started.get('release')}")
    elif found.origin == "trained":
        line("began from", "new weights")
    if found.rebuild_run:
        _title("rebuild run")
        line("run", found.rebuild_run)
        if found.rebuild:
            rebuild = found.rebuild
            line("began", f"{local_time(rebuild.started)}, took {duration(rebuild.duration_s)}")
            if rebuild.frames_kept is not None:
                line("frames", f"{rebuild.frames_kept} kept")
    if found.manifest:
        _corpus(found, videos)
    console.print()
    if not found.used_by:
        console.print("[bold]used by[/] no other run")
        return
    table = Columns("used by", "which", "state", "outcome")
    for use in sorted(found.used_by, key=lambda use: ORDER.index(use.how)):
        outcome = use.verdict or UNKNOWN if use.release is None else f"release {use.release}"
        table.add_row(*map(cell, (use.run_id, use.how, use.state, outcome)))
    table.print()


def _corpus(found: Lineage, videos: int | None) -> None:
    _title("corpus")
    line("digest", short(found.corpus_digest))
    if found.manifest:
        _thing(found.manifest, "manifest")
    if not found.videos:
        return
    clips = len(found.videos)
    files = len({video.source for video in found.videos})
    line("videos", f"{clips} clips of {files} files")
    table = Columns("split", "subject", "clip", "sha256", "file")
    for video in found.videos[:videos]:
        row = (video.split, video.subject_id, video.video_id, short(video.source_digest))
        table.add_row(*map(cell, row), cell(video.source))
    table.print()
    if videos is not None and clips > videos:
        console.print(f"… and {clips - videos} more; --all shows them", style="dim")


def _thing(thing: Thing, name: str) -> None:
    digest = f"  {short(thing.digest)}" if thing.digest else ""
    by = f"  by {thing.made_by_node} of {thing.made_by}" if thing.made_by else ""
    gone = "" if thing.exists else "  files deleted"
    line(name, f"{thing.uri}{digest}{by}{gone}", "" if thing.exists else "yellow")


def _created(text: str) -> str:
    try:
        return local_time(datetime.fromisoformat(text))
    except ValueError:
        return text or "at an unknown time"


def _title(title: str) -> None:
    console.print()
    console.print(title, style="bold")
