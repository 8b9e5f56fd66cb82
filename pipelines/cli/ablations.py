"""``affectflow ablations``: paper 0's Table III, a run a row."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pipelines.cli import rebuild as rebuild_command
from pipelines.cli import release as release_command
from pipelines.cli.console import console, say
from pipelines.cli.options import Assignments, RecipeName, Verbose
from pipelines.cli.session import session

# Apart from the workspace of releases that somebody uses: a row that passes the gate is released.
WORKSPACE = Path("affectflow-ablations")


def ablations(
    data: Annotated[Path, typer.Option("--data", "-d", help="The corpus's folder.")],
    recipe: RecipeName = "affwild2",
    workspace: Annotated[
        Path, typer.Option("--workspace", "-w", help="Folder of these runs alone.")
    ] = WORKSPACE,
    only: Annotated[
        list[str],
        typer.Option("--only", metavar="ROW", help="This row alone; may be repeated."),
    ] = [],  # noqa: B006  (typer copies it)
    set_: Assignments = [],  # noqa: B006
    verbose: Verbose = False,
) -> None:
    """Train every row of paper 0's Table III and print it beside the paper's figures.

    Rows share what is equal: faces, features, and the CNN of subset 3. What is done is kept, so a
    run that was stopped goes on where it was. The table is left in the workspace as ablations.md
    and ablations.json.
    """
    from pipelines.ablations import AblationResult, as_markdown, chosen

    results: list[AblationResult] = []
    with session(workspace, verbose):
        rows = chosen(only)
    for row in rows:
        console.print(f"\n[bold]{row.method}[/]")
        subset = f"sampler.subset={row.subset}"
        # A session is a run's: each has a name of its own.
        with session(workspace, verbose) as opened:
            from pipelines.recipe import load_recipe, override

            base = override(load_recipe(recipe), [*set_, subset])
            rebuild_command.run_rebuild(opened, base, data)
            summary = release_command.run_release(
                opened, override(base, row.settings), subset=row.subset
            )
            results.append(AblationResult.of(row, summary))
            _write(opened.workspace.root, results, as_markdown(results))
    console.print()
    console.print(_table(results))
    say(f"also in {workspace / 'ablations.md'}; the paper's figures are in brackets")


def _write(root: Path, results: list, markdown: str) -> None:
    from affectflow.release.store import write_json

    write_json(root / "ablations.json", {"rows": [result.as_json() for result in results]})
    (root / "ablations.md").write_text(markdown, encoding="utf-8")


def _table(results: list) -> Table:
    from pipelines.ablations import row_of

    table = Table(box=None, pad_edge=False)
    columns = {
        "method": "", "rmse_valence": "RMSE v", "rmse_arousal": "RMSE a", "ccc_valence": "CCC v",
        "ccc_arousal": "CCC a", "epoch": "epoch", "mean": "mean",
    }  # fmt: skip
    for name, title in columns.items():
        table.add_column(title, justify="left" if name == "method" else "right")
    for result in results:
        cells = row_of(result)
        table.add_row(*(cells[name] for name in columns))
    return table
