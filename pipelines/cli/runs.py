"""``affectflow runs``: looks back at what has run. Nothing here changes a workspace."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from affectflow.quiet import stderr_into
from pipelines.cli.console import user_errors
from pipelines.cli.options import DEFAULT_WORKSPACE, WorkspacePath

if TYPE_CHECKING:
    from pipelines.review.store import Store
    from pipelines.workspace import Workspace

MetadataAddress = Annotated[
    str,
    typer.Option(
        "--metadata",
        envvar="AFFECTFLOW_METADATA",
        help="ML Metadata's store, as postgresql://user@host/database or sqlite:////folder/file;"
        " the workspace's own by default.",
        metavar="URL",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs, with UTC times.")]
FORMAT = 1  # of what --json prints
FEW = 10
RUN_HELP = "A run's name, the beginning of it, or 'latest'."

runs = typer.Typer(no_args_is_help=True, help="Look back at pipeline runs: what, when, on what.")


@runs.command("list")
def list_(
    workspace: WorkspacePath = DEFAULT_WORKSPACE,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=0, help="The newest so many; 0 shows all.")
    ] = 20,
    recipe: Annotated[str, typer.Option("--recipe", "-r", help="Only runs of this recipe.")] = "",
    state: Annotated[
        str,
        typer.Option("--state", help="Only runs that are running, complete, failed, interrupted."),
    ] = "",
    metadata: MetadataAddress = "",
    as_json: AsJson = False,
) -> None:
    """List the runs, newest first."""
    with user_errors(), opened(workspace, metadata) as (place, store):
        from affectflow.errors import InputError
        from pipelines.review.facts import STATES
        from pipelines.review.runs import read_runs

        if state not in ("", *STATES):
            raise InputError(f"--state is {state!r}; {', '.join(STATES)} would do")
        found = read_runs(place, store, limit or None, recipe, state)
        if as_json:
            _print_json({"runs": [run.as_json() for run in found]})
            return
        from pipelines.cli.runs_list import show_list

        show_list(found, place.root, limit)


@runs.command()
def show(
    run: Annotated[str, typer.Argument(help=RUN_HELP)],
    workspace: WorkspacePath = DEFAULT_WORKSPACE,
    settings: Annotated[bool, typer.Option("--settings", help="Every setting, too.")] = False,
    metadata: MetadataAddress = "",
    as_json: AsJson = False,
) -> None:
    """Show one run: its nodes and artifacts, verdict, data and versions."""
    with user_errors(), opened(workspace, metadata) as (place, store):
        from pipelines.review.detail import read_run

        found = read_run(place, store, run)
        if as_json:
            _print_json(found.as_json())
            return
        from pipelines.cli.runs_show import show_run

        show_run(found, place.root, settings)


@runs.command()
def compare(
    a: Annotated[str, typer.Argument(help=RUN_HELP)],
    b: Annotated[str, typer.Argument(help=RUN_HELP)],
    workspace: WorkspacePath = DEFAULT_WORKSPACE,
    everything: Annotated[
        bool, typer.Option("--all", help="Settings and versions that are equal, too.")
    ] = False,
    metadata: MetadataAddress = "",
    as_json: AsJson = False,
) -> None:
    """Put two runs side by side: data, settings, versions and metrics."""
    with user_errors(), opened(workspace, metadata) as (place, store):
        from pipelines.review.compare import compare_runs
        from pipelines.review.detail import read_run

        found = compare_runs(read_run(place, store, a), read_run(place, store, b))
        if as_json:
            _print_json(found.as_json())
            return
        from pipelines.cli.runs_compare import show_comparison

        show_comparison(found, everything)


@runs.command()
def lineage(
    release: Annotated[
        str, typer.Argument(help="A release's number or folder, or 'latest'.", metavar="RELEASE")
    ],
    workspace: WorkspacePath = DEFAULT_WORKSPACE,
    everything: Annotated[
        bool, typer.Option("--all", help=f"Every video, not the first {FEW}.")
    ] = False,
    metadata: MetadataAddress = "",
    as_json: AsJson = False,
) -> None:
    """Follow a release back to its videos, and forward to what used it."""
    with user_errors(), opened(workspace, metadata) as (place, store):
        from pipelines.review.follow import release_lineage

        found = release_lineage(place, store, release)
        videos = None if everything else FEW
        if as_json:
            _print_json(found.as_json(videos))
            return
        from pipelines.cli.runs_lineage import show_lineage

        show_lineage(found, videos)


@contextmanager
def opened(root: Path, address: str) -> Iterator[tuple[Workspace, Store]]:
    """A workspace that holds runs, and ML Metadata's store of them, for looking.

    Args:
        address: of the store; "" = the workspace's own.

    Raises:
        InputError: there are no runs, or the store cannot be read.
    """
    from affectflow.errors import InputError
    from pipelines.workspace import Workspace

    workspace = Workspace(root.resolve())
    places = (workspace.root / "runs", workspace.metadata)
    if not address and not any(path.exists() for path in places):
        raise InputError(
            f"workspace {workspace.root} holds no runs; 'affectflow rebuild' makes one, and"
            " --workspace names another folder"
        )
    # Google's logging writes of every connection to a server.
    with _quiet_server():
        from pipelines.review.store import open_store

        yield workspace, open_store(workspace, address)


@contextmanager
def _quiet_server() -> Iterator[None]:
    """Sends what ML Metadata's library writes to the file descriptor of errors nowhere."""
    with open(os.devnull, "wb") as nowhere, stderr_into(nowhere.fileno()):
        yield


def _print_json(values: dict[str, Any]) -> None:
    values = {"format": FORMAT, **values}
    # ASCII: no terminal is told anything by a name, and any program can read it.
    typer.echo(json.dumps(values, indent=1, allow_nan=False))
