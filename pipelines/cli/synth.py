"""``affectflow synth``: renders a corpus."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipelines.cli.console import console, say, user_errors
from pipelines.cli.options import Verbose
from pipelines.quiet import quiet_libraries

if TYPE_CHECKING:
    from affectflow.synth import RenderedCorpus, SynthSettings


def synth(
    out: Annotated[Path, typer.Option("--out", help="Folder to write the corpus into.")],
    layout: Annotated[str, typer.Option(help="Whose layout to write.")] = "affwild2",
    subjects: Annotated[int, typer.Option(help="People; each is in one split only.")] = 8,
    clips: Annotated[int, typer.Option(help="Videos of each person, or of each expression.")] = 2,
    seconds: Annotated[float, typer.Option(help="Length of a video.")] = 10.0,
    fps: Annotated[int, typer.Option(help="Frames a second (affwild2).")] = 15,
    size: Annotated[int, typer.Option(help="Height of a frame in pixels.")] = 320,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 0,
    eval_fraction: Annotated[float, typer.Option(help="Share of people kept for eval.")] = 0.25,
    cropped: Annotated[bool, typer.Option(help="Write cropped_aligned, too (affwild2).")] = False,
    quirks: Annotated[
        bool, typer.Option(help="Name and annotate with the quirks of the real corpus (affwild2).")
    ] = False,
    verbose: Verbose = False,
) -> None:
    """Render a corpus: faces that show known valence and arousal, or a known expression."""
    # A corpus is nobody's workspace: there is no place for a log in it.
    with user_errors(), quiet_libraries(Path(os.devnull), verbose):
        from affectflow.synth.settings import SynthSettings

        settings = SynthSettings(
            layout=layout,
            subjects=subjects,
            clips=clips,
            seconds=seconds,
            fps=fps,
            size=size,
            seed=seed,
            eval_fraction=eval_fraction,
            cropped=cropped,
            quirks=quirks,
        )
        corpus = render(out, settings)
        count = f"{corpus.videos} videos, {corpus.frames} frames"
        if not corpus.videos:
            count = f"{corpus.frames} pictures"
        say(f"{count} in {out} (rendered, no real person)")


def render(out: Path, settings: SynthSettings) -> RenderedCorpus:
    """Renders with a progress bar; gives what ``render_corpus`` gives."""
    from affectflow.synth import render_corpus

    with Progress(
        TextColumn("rendering"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("frames"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("rendering", total=None)
        return render_corpus(
            out, settings, lambda done, total, _: bar.update(task, completed=done, total=total)
        )
