"""``affectflow reproduce``: every recipe on a corpus that is rendered for it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from pipelines.cli.console import console, say, user_errors
from pipelines.cli.options import Verbose
from pipelines.cli.session import session
from pipelines.cli.synth import render
from pipelines.cli.table import run_table, show


def reproduce(
    recipes: Annotated[
        list[str] | None, typer.Argument(help="These alone; all by default.")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder for corpora and workspaces.")] = Path(
        "affectflow-recipes"
    ),
    small: Annotated[
        bool, typer.Option("--small", help="Run through only, with too little to learn from.")
    ] = False,
    report: Annotated[
        Path | None, typer.Option("--report", help="Write all tables to this Markdown file.")
    ] = None,
    verbose: Verbose = False,
) -> None:
    """Render a corpus for each recipe and run the rows of its table on it.

    What is done is kept: a call goes on where an earlier one was stopped, and a report tells of all
    recipes that have run in the folder. Exits with 1 when a recipe misses the bound that it states
    for its rendered corpus, or its gate refuses the model that is to reach it.
    """
    with user_errors():
        from pipelines.paper_table import has_table, table_of
        from pipelines.recipe import all_recipes, load_recipe
        from pipelines.reproduction import Reproduction, as_report, ordered
        from pipelines.review.pages import write_whole

        whole = ordered(recipe for recipe in all_recipes().values() if has_table(recipe))
        named = [load_recipe(name) for name in recipes or ()]
        tables = {recipe.name: table_of(recipe) for recipe in ordered(named) or whole}

    def kept(recipe: Any) -> Any:
        return Reproduction.kept(out / "workspaces" / recipe.name, recipe, small)

    missed = []
    for name, table in tables.items():
        began = time.monotonic()
        rendered = table.small if small else table.large
        other = kept(load_recipe(rendered.start_from)) if rendered.start_from else None
        start_from = (other and other.release) or ""
        results = _on_rendered(out, name, table, rendered, start_from, verbose)
        found = Reproduction(name, table, rendered, results, time.monotonic() - began, small)
        found.keep(out / "workspaces" / name)
        show(results, table)
        for line in found.outcome:
            say(f"  {line}")
        if report is not None:
            told = [one for one in map(kept, whole) if one is not None]
            write_whole(report, as_report(told))
        if not found.reached:
            missed.append(name)
    if missed and not small:
        say(f"missed: {', '.join(missed)}")
        raise typer.Exit(1)


def _on_rendered(
    out: Path, name: str, table: Any, rendered: Any, start_from: str, verbose: bool
) -> list[Any]:
    with session(out / "workspaces" / name, verbose):
        from pipelines.recipe import load_recipe, override

        recipe = override(load_recipe(name), rendered.settings)
        console.print(f"\n[bold]{name}[/]  {table.title}, on rendered faces, no real person")
        corpus = out / "corpora" / name
        render(corpus, rendered.corpus)
    return run_table(
        out / "workspaces" / name,
        recipe,
        table,
        table.chosen(rendered.rows),
        corpus,
        rendered.settings,
        rendered.seeds or table.seeds,
        start_from,
        verbose,
        rendered.shortens,
    )
