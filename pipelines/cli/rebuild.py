"""``affectflow rebuild``: videos and annotations into balanced face crops."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from affectflow.corpora.duplicates import Duplicates
from affectflow.records.counts import notes
from affectflow.records.rejects import group_rows
from pipelines.cli.console import console, note, say
from pipelines.cli.options import (
    DEFAULT_WORKSPACE,
    Assignments,
    RecipeName,
    Verbose,
    WorkspacePath,
    own_options,
)
from pipelines.cli.session import Session, session
from pipelines.summary import RebuildSummary

if TYPE_CHECKING:
    from pipelines.recipe import Recipe


def rebuild(
    context: typer.Context,
    data: Annotated[Path, typer.Option("--data", "-d", help="The corpus's folder.")],
    recipe: RecipeName = "affwild2",
    corpus: Annotated[
        str, typer.Option(help="Read the folder as this corpus, instead of the recipe's.")
    ] = "",
    workspace: WorkspacePath = DEFAULT_WORKSPACE,
    retry_rejects: Annotated[
        bool,
        typer.Option("--retry-rejects", help="Try clips again that were rejected before."),
    ] = False,
    set_: Assignments = [],  # noqa: B006  (typer copies it)
    verbose: Verbose = False,
) -> None:
    """Find, align and balance the faces of a corpus.

    Only new or changed videos are decoded. Options that are not listed here go to Beam as they
    are, e.g. --runner=PortableRunner --job_endpoint=localhost:8099.
    """
    with session(workspace, verbose) as opened:
        from pipelines.beam import beam_args
        from pipelines.recipe import load_recipe, override

        chosen = override(load_recipe(recipe), set_)
        args = beam_args(context.args, own_options(context))
        summary = run_rebuild(opened, chosen, data, corpus, args, retry_rejects)
        show(summary)


def run_rebuild(
    opened: Session,
    recipe: Recipe,
    data: Path,
    corpus: str = "",
    beam: list[str] | None = None,
    retry_rejects: bool = False,
) -> RebuildSummary:
    """Runs the rebuild pipeline.

    Args:
        corpus: name of the corpus adapter; "" = the recipe's.
        beam: options for Beam; None = the in-process runner's.
        retry_rejects: clips that were rejected are tried again.
    """
    from dataclasses import replace

    from affectflow.corpora.listing import check_both_splits, list_clips
    from affectflow.corpora.remarks import collected
    from pipelines.beam import beam_args

    root = data.resolve()
    recipe = replace(recipe, corpus=corpus) if corpus else recipe
    with collected() as remarks:
        clips = list_clips(recipe.corpus, root, recipe.listing)
    for remark in remarks:
        note(remark)
    check_both_splits(clips, root)
    labelled = any(clip.labels is not None or clip.classes for clip in clips)
    args = beam_args([]) if beam is None else beam
    say(f"{len(clips)} clips of corpus {recipe.corpus} in {root}")

    from pipelines.compile import compile_rebuild
    from pipelines.run_record import Request

    compiled = compile_rebuild(recipe, labelled)
    request = Request(recipe, data=str(root), retry_rejects=retry_rejects)
    return RebuildSummary.of(opened.run(compiled, request, args))


def show(summary: RebuildSummary) -> None:
    """Prints where every decoded frame went."""
    clips = summary.clips
    console.print(f"\n{clips['used']} of {clips['listed']} clips used")
    for sentence in notes(clips):
        say(f"  {sentence}")
    for group in group_rows(summary.rejects):
        say(f"  rejected {group.told()}")
    if found := Duplicates.from_json(clips.get("duplicates")):
        for sentence in found.told():
            say(f"  equal clips: {sentence}")
    table = Table(box=None, pad_edge=False)
    table.add_column("frames")
    for split in summary.frames:
        table.add_column(split, justify="right")
    rows = ["decoded", "no_face", "no_label", "removed_zero", "removed_balancing", "kept"]
    for row in rows:
        values = [str(getattr(counts, row)) for counts in summary.frames.values()]
        table.add_row(row.replace("_", " "), *values)
    console.print(table)
    if not summary.balanced:
        console.print("The corpus has no labels: its faces are ready, there is nothing to balance.")
    say(f"frames  {summary.examples}")
