"""The console command ``affectflow``."""

from __future__ import annotations

import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from pipelines.cli.compile import compile_
from pipelines.cli.demo import demo
from pipelines.cli.import_weights import import_weights
from pipelines.cli.predict import predict
from pipelines.cli.rebuild import rebuild
from pipelines.cli.recipes import recipes
from pipelines.cli.release import release
from pipelines.cli.reproduce import reproduce
from pipelines.cli.runs import runs
from pipelines.cli.site import site
from pipelines.cli.synth import synth
from pipelines.cli.table import table
from pipelines.lean_imports import lean_imports
from pipelines.quiet import ready_streams
from pipelines.visible import visible_lines


class VisibleGroup(TyperGroup):
    """The commands, which name an argument that they refuse as a terminal may see it."""

    def make_context(self, *given: Any, **more: Any) -> Any:
        """Reads what stands before the command's name."""
        with _visible_refusals():
            return super().make_context(*given, **more)

    def invoke(self, ctx: Any) -> Any:
        """Reads the command's arguments, and runs it."""
        with _visible_refusals():
            return super().invoke(ctx)


@contextmanager
def _visible_refusals() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Typer's own errors have a message, which a box is drawn round.
        if hasattr(error, "format_message") and hasattr(error, "message"):
            error.message = visible_lines(error.message)
        raise


app = typer.Typer(
    cls=VisibleGroup,
    help="From annotated face video to a gated valence-arousal release.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
BEAM_OPTIONS = {"allow_extra_args": True, "ignore_unknown_options": True}
app.command()(synth)
app.command(context_settings=BEAM_OPTIONS)(rebuild)
app.command(context_settings=BEAM_OPTIONS)(release)
app.command(context_settings=BEAM_OPTIONS)(predict)
app.command("import-weights")(import_weights)
app.command()(demo)
app.command()(table)
app.command()(reproduce)
app.command()(recipes)
app.add_typer(runs, name="runs")
app.command()(site)
app.command("compile")(compile_)


def main() -> None:
    """Entry point of the console script.

    SIGTERM ends it as Ctrl-C does, so that what was being written is cleared away.
    """
    ready_streams()
    lean_imports()
    signal.signal(signal.SIGTERM, _end)
    try:
        app()
    except Exception:
        # Python would print what the error names as it is.
        print(visible_lines(traceback.format_exc()), file=sys.stderr, end="")
        sys.exit(1)


def _end(number: int, frame: object) -> NoReturn:
    sys.exit(128 + number)
