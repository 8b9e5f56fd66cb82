"""``affectflow demo``: renders a small corpus and takes it all the way to the gate."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from affectflow.plane import LABELS
from pipelines.cli import rebuild as rebuild_command
from pipelines.cli import release as release_command
from pipelines.cli.console import console, say
from pipelines.cli.options import Assignments, Verbose
from pipelines.cli.session import session
from pipelines.cli.synth import render

RECIPE = "demo"


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for corpus and workspace.")] = Path(
        "affectflow-demo"
    ),
    set_: Assignments = [],  # noqa: B006  (typer copies it)
    verbose: Verbose = False,
) -> None:
    """Render a small corpus, rebuild, release, and say what came of it.

    The last line printed is one JSON object.
    """
    began = time.monotonic()
    with session(out / "workspace", verbose) as opened:
        from pipelines.recipe import load_recipe, override
        from pipelines.recipes.demo import CORPUS

        recipe = override(load_recipe(RECIPE), set_)
        console.print("[bold]corpus[/]  rendered faces, no real person")
        corpus = render(out / "corpus", CORPUS)
        console.print(f"  {corpus.videos} videos, {corpus.frames} frames")
        data = rebuild_command.run_rebuild(opened, recipe, out / "corpus")
        rebuild_command.show(data)
        console.print()
        released = release_command.run_release(opened, recipe)
        release_command.show(released)
        if reused := data.reused + released.reused:
            say(f"reused from an earlier run: {', '.join(reused)}")
        say(f"compare with {recipe.expect}")
    result = {
        "videos": corpus.videos,
        "frames_decoded": data.total.decoded,
        "faces": data.total.faces,
        "frames_kept": data.total.kept,
        **{
            f"{stage}_ccc_{label}": released.ccc(stage, label)
            for stage in ("cnn", "rnn")
            for label in LABELS
        },
        "blessed": released.blessed,
        "release": released.release,
        "seconds": round(time.monotonic() - began, 1),
    }
    typer.echo(json.dumps(result))
