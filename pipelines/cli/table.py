"""``affectflow table``: a paper's table, a run a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.console import console, say, user_errors
from pipelines.cli.options import Assignments, Verbose
from pipelines.cli.rebuild import run_rebuild
from pipelines.cli.release import run_release
from pipelines.cli.session import session
from pipelines.cli.terminal import Columns, cell

# Apart from the workspace of releases that somebody uses: a row that passes the gate is released.
WORKSPACE = Path("affectflow-tables")

OF_ALL_ROWS = ("gate.compare=none",)
"""Rows stand side by side: none is refused because another one was better."""


def table(
    recipe: Annotated[str, typer.Argument(help="Whose table: 'affectflow recipes' lists them.")],
    data: Annotated[Path, typer.Option("--data", "-d", help="The corpus's folder.")],
    workspace: Annotated[
        Path, typer.Option("--workspace", "-w", help="Folder of these runs alone.")
    ] = WORKSPACE,
    only: Annotated[
        list[str],
        typer.Option("--only", metavar="ROW", help="This row alone; may be repeated."),
    ] = [],  # noqa: B006  (typer copies it)
    seeds: Annotated[int, typer.Option(help="Runs a row; 0 = as the paper.", min=0)] = 0,
    start_from: Annotated[
        str,
        typer.Option(
            "--start-from",
            help="The release that rows which go on from another model start from.",
            metavar="RELEASE",
        ),
    ] = "",
    set_: Assignments = [],  # noqa: B006
    verbose: Verbose = False,
) -> None:
    """Run every row of a paper's table on its corpus and print it beside the paper's figures.

    Rows share what is equal, such as the faces. What is done is kept, so a table that was stopped
    goes on where it was. It is left in the workspace as RECIPE.md and RECIPE.json. What a row sets
    itself cannot be set for all.
    """
    with session(workspace, verbose):
        from pipelines.paper_table import table_of
        from pipelines.recipe import load_recipe, override

        chosen = override(load_recipe(recipe), set_)
        found = table_of(chosen)
        rows = found.chosen(only)
    results = run_table(
        workspace, chosen, found, rows, data, set_, seeds or found.seeds, start_from, verbose
    )
    show(results, found)
    say(f"also in {workspace / recipe}.md; the paper's figures are in brackets")


def run_table(
    workspace: Path,
    recipe: Any,
    table: Any,
    rows: Sequence[Any],
    data: Path,
    settings: Sequence[str],
    seeds: int,
    start_from: str,
    verbose: bool,
    shortens: Sequence[str] = (),
) -> list[Any]:
    """Runs rows, and writes what is there of the table after each.

    Args:
        recipe: a Recipe, with ``settings`` in it.
        table: its PaperTable.
        rows: those to run.
        data: the corpus's folder.
        settings: ``--set`` of all runs.
        shortens: the settings among them that hold although a row sets them itself.
        seeds: runs of each row.
        start_from: for rows that go on from another model; "" = such rows are skipped.

    Returns:
        A RowResult a row.

    Raises:
        typer.Exit: a setting is a row's own; nothing was run.
    """
    from pipelines.paper_table import RowResult, as_markdown, in_words, row_settings
    from pipelines.recipe import load_recipe

    by_seed = [[f"seed={seed}"] if seeds > 1 else [] for seed in range(seeds)]
    with user_errors():
        # All of them, before the first is run for hours.
        plans = {
            row.name: [
                row_settings(
                    load_recipe(recipe.name),
                    table,
                    replace(row, settings=(*row.settings, *seeded)),
                    [*OF_ALL_ROWS, *settings],
                    shortens,
                )
                for seeded in by_seed
            ]
            for row in rows
        }
    results: list[Any] = []
    for row in rows:
        console.print(f"\n[bold]{row.method}[/]")
        ran = in_words(row, [one for one in plans[row.name][0] if one not in by_seed[0]])
        ran += (f"seed=0 to {seeds - 1}",) if seeds > 1 else ()
        say(f"  {'  '.join(ran)}")
        if row.starts and not start_from:
            results.append(RowResult(row, skipped="needs --start-from"))
            say("skipped: it goes on from another recipe's release, which --start-from names")
            continue
        summaries = [
            _run_row(workspace, recipe.name, plan, data, start_from if row.starts else "", verbose)
            for plan in plans[row.name]
        ]
        results.append(RowResult.of(row, summaries, recipe.gate.stage, ran))
        _write(workspace, recipe.name, results, as_markdown(results, table))
    return results


def _run_row(
    workspace: Path,
    recipe: str,
    settings: Sequence[str],
    data: Path,
    start_from: str,
    verbose: bool,
) -> Any:
    # A session is a run's: each has a name of its own.
    with session(workspace, verbose) as opened:
        from pipelines.recipe import load_recipe, override

        chosen = override(load_recipe(recipe), settings)
        run_rebuild(opened, chosen, data)
        return run_release(
            opened,
            chosen,
            rebuild_run=f"{chosen.pipeline('rebuild')}.{opened.stamp}",
            start_from=start_from,
        )


def _write(workspace: Path, name: str, results: Sequence[Any], markdown: str) -> None:
    from affectflow.files import write_json
    from pipelines.review.pages import write_whole

    write_json(workspace / f"{name}.json", {"rows": [result.as_json() for result in results]})
    write_whole(workspace / f"{name}.md", markdown)


def show(results: Sequence[Any], table: Any) -> None:
    """Prints the table."""
    from pipelines.paper_table import cells

    heads = ("method", *table.columns.values(), "gate")
    columns = Columns(*heads, right=heads[1:])
    for result in results:
        columns.add_row(*map(cell, cells(result, table)))
    console.print()
    columns.print()
    for note in dict.fromkeys(result.note for result in results if result.note):
        say(f"note: {note}")
