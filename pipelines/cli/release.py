"""``affectflow release``: trains both stages on the latest rebuild and puts them to the gate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from pipelines.cli.console import console
from pipelines.cli.options import (
    DEFAULT_WORKSPACE,
    Assignments,
    RecipeName,
    Verbose,
    WorkspacePath,
)
from pipelines.cli.session import Session, session

NAMES = {"cnn": "CNN alone", "rnn": "CNN + RNN"}


def release(
    context: typer.Context,
    recipe: RecipeName = "affwild2",
    workspace: WorkspacePath = DEFAULT_WORKSPACE,
    rebuild_run: Annotated[
        str, typer.Option("--rebuild-run", help="Train on this rebuild instead of the latest.")
    ] = "",
    fail_on_refusal: Annotated[
        bool, typer.Option("--fail-on-refusal", help="Exit with an error when the gate refuses.")
    ] = False,
    set_: Assignments = [],  # noqa: B006  (typer copies it)
    verbose: Verbose = False,
) -> None:
    """Train on the latest rebuild, evaluate, and release what passes the gate.

    Options that are not listed here go to Beam as they are.
    """
    with session(workspace, verbose) as opened:
        from pipelines.recipe import load_recipe, override

        chosen = override(load_recipe(recipe), set_)
        show(run_release(opened, chosen, rebuild_run, fail_on_refusal, context.args))


def run_release(
    opened: Session,
    recipe,
    rebuild_run: str = "",
    fail_on_refusal: bool = False,
    beam: list[str] | None = None,
) -> dict:
    """Runs the release pipeline.

    Args:
        rebuild_run: id of the rebuild to train on; "" = the latest.
        fail_on_refusal: a refusal is an error.
        beam: Beam's own options.

    Returns:
        the summary: metrics (``summary.json``), verdict, release folder or refusal, reused nodes.
    """
    from pipelines.beam import beam_args
    from pipelines.rebuild import rebuild_name
    from pipelines.release import create_pipeline
    from pipelines.runs import latest_run

    data = latest_run(opened.workspace, rebuild_name(recipe), "Transform", rebuild_run)
    console.print(f"data of {data.run_id}", markup=False)
    pipeline = create_pipeline(
        recipe, data, opened.workspace, beam_args(beam or []), fail_on_refusal
    )
    results = opened.run(pipeline)
    pushed = results["Pusher"].outputs["pushed_model"][0]
    metrics = json.loads(Path(results["Evaluator"].uri("evaluation"), "summary.json").read_text())
    return {
        "metrics": metrics,
        "blessed": bool(pushed.get_int_custom_property("pushed")),
        "release": pushed.get_string_custom_property("pushed_destination") or None,
        "refusal": pushed.get_string_custom_property("refusal") or None,
        "unchanged": bool(pushed.get_int_custom_property("unchanged")),
        "reused": [node for node, result in results.items() if result.state == "cached"],
    }


def show(summary: dict) -> None:
    """Prints the table of metrics, the verdict and where the release is."""
    metrics = summary["metrics"]
    table = Table(box=None, pad_edge=False)
    for column in ("", "CCC mean", "95 % of videos"):
        table.add_column(column, justify="left" if not column else "right")
    outputs = list(next(iter(metrics["stages"].values()))["outputs"])
    for output in outputs:
        for column in ("CCC", "r", "RMSE"):
            table.add_column(f"{column} {output}", justify="right")
    for stage, row in metrics["stages"].items():
        interval = f"{_number(row['ccc_mean_low'])} to {_number(row['ccc_mean_high'])}"
        cells = [NAMES[stage], _number(row["ccc_mean"]), interval]
        for output in outputs:
            score = row["outputs"][output]
            cells += [_number(score[key]) for key in ("ccc", "pearson", "rmse")]
        table.add_row(*cells)
    console.print()
    console.print(table)
    verdict = metrics["verdict"]
    for reason in verdict["reasons"]:
        console.print(f"  {reason}", markup=False)
    if not summary["blessed"]:
        console.print("[bold yellow]refused[/]")
        console.print(f"recorded in {summary['refusal']}", markup=False)
    elif summary["unchanged"]:
        console.print("[bold green]blessed[/]")
        console.print(f"the same model is released already: {summary['release']}", markup=False)
    else:
        console.print("[bold green]blessed[/]")
        console.print(f"release {summary['release']}", markup=False)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
