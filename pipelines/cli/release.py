"""``affectflow release``: trains both stages on the latest rebuild and puts them to the gate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from affectflow.plane import LABELS
from pipelines.class_figures import COLUMNS, STAGE_NAMES, class_rows
from pipelines.cli.console import console, say
from pipelines.cli.options import (
    DEFAULT_WORKSPACE,
    Assignments,
    RecipeName,
    Verbose,
    WorkspacePath,
    own_options,
)
from pipelines.cli.session import Session, session
from pipelines.cli.terminal import cell
from pipelines.summary import ReleaseSummary

if TYPE_CHECKING:
    from pipelines.recipe import Recipe


def release(
    context: typer.Context,
    recipe: RecipeName = "affwild2",
    workspace: WorkspacePath = DEFAULT_WORKSPACE,
    rebuild_run: Annotated[
        str, typer.Option("--rebuild-run", help="Train on this rebuild instead of the latest.")
    ] = "",
    subset: Annotated[
        str, typer.Option("--subset", help="Train on the latest rebuild of this subset.")
    ] = "",
    start_from: Annotated[
        str,
        typer.Option(
            "--start-from",
            help="Start from the weights of this release: its number, or its folder.",
            metavar="RELEASE",
        ),
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
        from pipelines.beam import beam_args
        from pipelines.recipe import load_recipe, override

        _refuse_settings_of_the_data(set_)
        chosen = override(load_recipe(recipe), set_)
        args = beam_args(context.args, own_options(context))
        show(run_release(opened, chosen, rebuild_run, subset, fail_on_refusal, args, start_from))


def _refuse_settings_of_the_data(assignments: list[str]) -> None:
    """A release takes these from its rebuild, whatever it is told."""
    from affectflow.errors import InputError
    from pipelines.parameters import GROUPS

    for assignment in assignments:
        key = assignment.partition("=")[0].strip()
        if (
            key in ("subset", "image_size", "cnn.image_size")
            or key.partition(".")[0] in GROUPS["rebuild"]
        ):
            raise InputError(
                f"--set {key!r} is a setting of the data, which a release takes from its rebuild;"
                " give it to 'affectflow rebuild', or choose a rebuild with --subset or"
                " --rebuild-run"
            )


def run_release(
    opened: Session,
    recipe: Recipe,
    rebuild_run: str = "",
    subset: str = "",
    fail_on_refusal: bool = False,
    beam: list[str] | None = None,
    start_from: str = "",
) -> ReleaseSummary:
    """Runs the release pipeline.

    Args:
        rebuild_run: id of the rebuild to train on; "" = the latest.
        subset: of that rebuild; "" = whichever it has.
        fail_on_refusal: a refusal is an error.
        beam: options for Beam; None = the in-process runner's.
        start_from: number or folder of the release whose weights training starts from; "" = new
            weights.
    """
    from pipelines.beam import beam_args
    from pipelines.compile import compile_release
    from pipelines.run_record import Request

    request = Request(
        recipe,
        rebuild_run=rebuild_run,
        subset=subset,
        start_from=start_from,
        fail_on_refusal=fail_on_refusal,
    )
    args = beam_args([]) if beam is None else beam
    compiled = compile_release(recipe)
    results = opened.run(compiled, request, args)
    return ReleaseSummary.of(results, opened.data(compiled))


def show(summary: ReleaseSummary) -> None:
    """Prints the metrics, the verdict and where the release is."""
    metrics = summary.metrics
    for table in _tables(metrics):
        console.print()
        console.print(table)
    if summary.beside_score:
        console.print("\n[yellow]note[/]  ", end="")
        say(summary.beside_score)
    console.print()
    for reason in metrics["verdict"]["reasons"]:
        say(f"  {reason}")
    if not summary.blessed:
        console.print("[bold yellow]refused[/]")
        say(f"recorded in {summary.refusal}")
    elif summary.unchanged:
        console.print("[bold green]blessed[/]")
        say(f"the same model is released already: {summary.release}")
    else:
        console.print("[bold green]blessed[/]")
        say(f"release {summary.release}")


def _tables(metrics: Mapping[str, Any]) -> Iterator[Table]:
    """Of valence and arousal, of classes, or of both, as the recipe predicts them."""
    if _outputs(metrics["stages"]):
        yield _agreement(metrics["stages"])
        yield _errors(metrics["stages"])
    for task, rows in groupby(class_rows(metrics), key=attrgetter("task")):
        table = _table(COLUMNS, title=task)
        for row in rows:
            # A corpus stands under the whole that it is part of.
            table.add_row(cell(f"  {row.corpus}" if row.corpus else row.title), *row.values)
        yield table


def _agreement(stages: Mapping[str, dict]) -> Table:
    """What the gate looks at; two tables, for one of all columns is wider than a terminal."""
    outputs = _outputs(stages)
    table = _table([*(f"CCC {output}" for output in outputs), "CCC mean", "95 % over videos"])
    for stage, row in stages.items():
        interval = f"{_number(row['ccc_mean_low'])} to {_number(row['ccc_mean_high'])}"
        by_output = [_number(row["outputs"][output]["ccc"]) for output in outputs]
        table.add_row(STAGE_NAMES[stage], *by_output, _number(row["ccc_mean"]), interval)
    return table


def _errors(stages: Mapping[str, dict]) -> Table:
    columns = {"r": "pearson", "RMSE": "rmse"}
    outputs = _outputs(stages)
    table = _table([f"{column} {output}" for column in columns for output in outputs])
    for stage, row in stages.items():
        scores = [row["outputs"][output][key] for key in columns.values() for output in outputs]
        table.add_row(STAGE_NAMES[stage], *map(_number, scores))
    return table


def _outputs(stages: Mapping[str, dict]) -> list[str]:
    # The file has its keys sorted; people say valence first.
    return [name for name in LABELS if name in next(iter(stages.values()))["outputs"]]


def _table(columns: Iterable[str], title: str = "") -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(title, min_width=max(map(len, STAGE_NAMES.values())))
    for column in columns:
        table.add_column(column, justify="right")
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
