"""``affectflow compile``: writes the pipelines that a scheduler runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from affectflow.files import write_text
from pipelines.cli.console import say, user_errors
from pipelines.cli.options import Verbose
from pipelines.quiet import quiet_libraries


def compile_(
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder to write into, instead of dags/compiled.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when a file is not up to date.")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Compile each pipeline of each recipe for the scheduler."""
    with user_errors(), quiet_libraries(Path(os.devnull), verbose):
        from pipelines.compile import compile_all
        from pipelines.compiled import FOLDER

        folder = out or FOLDER
        wanted = {f"{compiled.pipeline}.json": compiled.to_json() for compiled in compile_all()}
        stale = sorted(name for name, text in wanted.items() if _read(folder / name) != text)
        left = sorted(path.name for path in folder.glob("*.json") if path.name not in wanted)
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
            for name in stale:
                write_text(folder / name, wanted[name])
            for name in left:
                (folder / name).unlink()
    for name in stale:
        say(f"{'stale   ' if check else 'written '} {name}")
    for name in left:
        say(f"{'left    ' if check else 'removed '} {name}")
    if not stale and not left:
        say(f"{len(wanted)} pipelines are up to date")
    elif check:
        say("'affectflow compile' brings them up to date")
        raise typer.Exit(1)


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
