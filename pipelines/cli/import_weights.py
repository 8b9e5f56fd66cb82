"""``affectflow import-weights``: paper 0's published checkpoints as a release."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from pipelines.cli.console import console, say, user_errors
from pipelines.cli.options import DEFAULT_WORKSPACE, Verbose, WorkspacePath
from pipelines.cli.terminal import cell
from pipelines.quiet import quiet_libraries
from pipelines.workspace import Workspace

if TYPE_CHECKING:
    from affectflow.models.checkpoints import Checkpoints

RECIPE = "affwild2"


def import_weights(
    cnn: Annotated[
        Path | None, typer.Option("--cnn", help="The CNN's HDF5 file (Keras 2), required.")
    ] = None,
    rnn: Annotated[
        Path | None, typer.Option("--rnn", help="The RNN's HDF5 file (Keras 2), required.")
    ] = None,
    workspace: WorkspacePath = DEFAULT_WORKSPACE,
    outputs: Annotated[
        str,
        typer.Option("--outputs", help="What networks of one output predict: valence or arousal."),
    ] = "both",
    verbose: Verbose = False,
) -> None:
    """Release the published weights of Rangulov & Fahim 2020, or others of their networks' shape.

    They pass no gate: the next 'affectflow release' scores them and compares with them.
    """
    with user_errors():
        root = Workspace(workspace.resolve())
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    log = root.root / "logs" / f"{stamp}.log"
    # Not the whole session: a run of hours need not end first, for releases have their own lock.
    with user_errors(log):
        cnn, rnn = _both(cnn, rnn)
        _make_folder(root, log.parent)
        with quiet_libraries(log, verbose):
            from affectflow.models.checkpoints import read_checkpoints
            from affectflow.release.folder import published
            from affectflow.release.imported import import_checkpoints, run_id_of
            from pipelines.code_version import closure_of
            from pipelines.recipe import load_recipe
            from pipelines.versions import libraries_of, run_versions

            found = read_checkpoints(cnn, rnn, outputs)
            _show(found)
            known = published(root.releases, run_id_of(found)) is not None
            code = closure_of([import_checkpoints.__module__])
            release = import_checkpoints(
                found,
                root.releases,
                load_recipe(RECIPE).as_json(),
                run_versions(libraries_of(code)),
                code.version(),
            )
    if known:
        say("the same files are released already")
    else:
        say("not evaluated here: 'affectflow release' scores it on its own data, for comparison")
    say(f"release {release}")


def _both(cnn: Path | None, rnn: Path | None) -> tuple[Path, Path]:
    from affectflow.errors import InputError

    if cnn is not None and rnn is not None:
        return cnn, rnn
    missing = [name for name, path in (("--cnn", cnn), ("--rnn", rnn)) if path is None]
    raise InputError(
        f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing; give the file of"
        " each: an RNN reads the features of the very CNN that it was trained on, and those of"
        " another mean nothing to it"
    )


def _make_folder(workspace: Workspace, logs: Path) -> None:
    workspace.make()
    try:
        logs.mkdir(exist_ok=True)
    except OSError as error:
        raise workspace.unwritable(error) from error


def _show(found: Checkpoints) -> None:
    """Prints what the files hold."""
    for name, stage in (("CNN", found.cnn), (f"RNN {found.rnn.settings.cell}", found.rnn)):
        console.print(f"[bold]{name}[/]  ", end="")
        say(str(stage.path))
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(min_width=24)
        table.add_column(min_width=24)
        table.add_column(justify="right")
        for layer in stage.layers:
            widest = max(layer.weights.values(), key=lambda array: array.size)
            shape = "×".join(map(str, widest.shape))
            table.add_row(cell(f"  {layer.name}"), shape, _spaced(layer.parameters))
        table.add_row("  parameters", "", _spaced(stage.parameters))
        console.print(table)
    say(f"predicts {' and '.join(found.cnn.settings.label_names)}")


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", " ")
