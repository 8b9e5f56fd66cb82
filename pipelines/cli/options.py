"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RecipeName = Annotated[
    str, typer.Option("--recipe", "-r", help="Which recipe; 'affectflow recipes' lists them.")
]
WorkspacePath = Annotated[
    Path,
    typer.Option(
        "--workspace",
        "-w",
        envvar="AFFECTFLOW_WORKSPACE",
        help="Folder for metadata, artifacts, faces and releases.",
    ),
]
Assignments = Annotated[
    list[str],
    typer.Option(
        "--set",
        metavar="GROUP.FIELD=VALUE",
        help="Change a setting of the recipe, e.g. rnn.cell=gru1; seed=3 sets every seed.",
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show what the libraries log, too.")]
DEFAULT_WORKSPACE = Path("affectflow-workspace")


def own_options(context: typer.Context) -> list[str]:
    """The options that the command itself has; any other is Beam's, or misspelt."""
    return [text for parameter in context.command.params for text in parameter.opts]
