"""What a person sees: quiet libraries, one line a node, a bar for anything long."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.segment import Segment
from rich.text import Text

from affectflow import progress
from pipelines.progress_log import ProgressLines, notes_to
from pipelines.visible import visible, visible_lines

if TYPE_CHECKING:
    from pipelines.node import NodeResult


class VisibleConsole(Console):
    """What is printed by it does not move the cursor nor change colours; rich itself does.

    Texts come from names of files, from decoders and from documents, so here, where all of them
    pass, is where they are made harmless. A text keeps its lines: a name in it is given to ``say``,
    ``cell`` or ``line``, which keep it in one.
    """

    def __init__(self, **given: Any):
        # Names may look like ":cat:", or like numbers.
        super().__init__(highlight=False, emoji=False, **given)

    def render_str(self, text: str, **how: Any) -> Text:
        """A text, before it is measured."""
        return super().render_str(visible_lines(text), **how)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        """Anything at all; what rich tells the terminal comes as controls."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible_lines(segment.text))


console = VisibleConsole()
errors = VisibleConsole(stderr=True)
_COLOURS = {"done": "green", "reused": "cyan", "imported": "cyan", "skipped": "yellow"}


def say(text: str, on: Console | None = None) -> None:
    """Prints one line as it is: no markup, and a path is never broken to fit the width."""
    (on or console).print(visible(text), markup=False, soft_wrap=True)


def note(text: str) -> None:
    """Prints what stops nothing and should be known."""
    console.print("[yellow]note[/]  ", end="")
    say(text)


@contextmanager
def user_errors(log: Path | None = None, folders: Sequence[Path] = ()) -> Iterator[None]:
    """Turns errors into one clear message and exit status 1; the traceback goes to the log.

    An error that is a Ctrl-C or a SIGTERM within a Beam job becomes one. A full disk is one line:
    nothing more can be told of it, and the log may be on it.

    Args:
        folders: that may be written to (see ``affectflow.room.no_room``).
    """
    from affectflow.room import no_room
    from pipelines.failure import explain, interruption

    try:
        yield
    except (typer.Exit, typer.Abort, KeyboardInterrupt):
        raise
    except Exception as error:
        if end := interruption(error):
            raise end from None
        full = no_room(error, folders)
        reason = full or explain(error)
        if log is not None and log.parent.is_dir():
            with suppress(OSError), open(log, "a", encoding="utf-8") as file:
                file.write(visible_lines(traceback.format_exc()))
        if reason is None:
            reason = _last_line(error)
            if log is None:
                raise
        errors.print("[bold red]Error:[/] ", end="")
        say(reason, errors)
        if log is not None and log.exists() and not full:
            say(f"The full story is in {log}", errors)
        raise typer.Exit(1) from error


class NodeView:
    """Shows nodes as they run: a line when one is done, a live line for the one that works.

    Where there is no terminal, as in a file, the one that works has a line a minute, and one for
    each epoch.
    """

    def __init__(self) -> None:
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[shown]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}
        self._lines: ProgressLines | None = None
        self._since = 0.0
        self._open = ExitStack()

    def __enter__(self) -> NodeView:
        self._bars.start()
        self._open.callback(self._bars.stop)
        self._open.enter_context(progress.listening(self._advance))
        if not console.is_terminal:
            self._open.enter_context(notes_to(console.file))
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def on_node(self, node: str, result: NodeResult | None) -> None:
        """Listener of ``run_local``."""
        if result is None:
            self._since = time.monotonic()
            self._lines = None if console.is_terminal else ProgressLines(node)
            self._clear()
            self._tasks[node] = self._bars.add_task(node, total=None, shown="")
            return
        seconds = time.monotonic() - self._since
        self._clear()
        state = {"complete": "done", "cached": "reused"}.get(result.state, result.state)
        colour = _COLOURS[state]
        console.print(f"  [{colour}]{state:<8}[/] {node:<20} {seconds:6.1f} s")

    def _advance(self, what: str, amount: int, total: int | None) -> None:
        if self._lines is not None:
            self._lines.advance(what, amount, total)
            return
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(f"  {what}", total=total, shown="")
        task = self._tasks[what]
        self._bars.update(task, advance=amount, total=total)
        done = int(self._bars.tasks[self._bars.task_ids.index(task)].completed)
        self._bars.update(task, shown=f"{done}/{total}" if total else f"{done}")

    def _clear(self) -> None:
        for task in self._tasks.values():
            self._bars.remove_task(task)
        self._tasks.clear()


class FrameView:
    """Shows how far a video is: frames of how many, frames a second, time left.

    Where there is no terminal, as in a file, there is a line a minute instead of a bar, which says
    as well how many of the videos are done.

    Args:
        videos: how many there are.
        rows: where standard output has results and nothing else, the stream that the lines go to.
            A terminal that shows the rows shows by them how far the video is, and nothing more.
    """

    def __init__(self, videos: int = 1, rows: TextIO | None = None):
        self._videos = videos
        self._stream = console.file if rows is None else rows
        self._lines = None if console.is_terminal else ProgressLines("predict")
        self._open = ExitStack()
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[shown]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=rows is not None or not console.is_terminal,
        )

    def __enter__(self) -> FrameView:
        self._bars.start()
        self._open.callback(self._bars.stop)
        if self._lines is not None:
            self._open.enter_context(notes_to(self._stream))
            self._lines.advance("videos", 0, self._videos)
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    @contextmanager
    def video(self, name: str) -> Iterator[FrameCount]:
        """A video's bar, as long as the block lasts; gives what is to be told of its frames."""
        task = self._bars.add_task(visible(name), total=None, shown="")
        try:
            yield FrameCount(self._bars, task, self._count)
        finally:
            self._bars.remove_task(task)
        if self._lines is not None:
            self._lines.advance("videos", 1, self._videos)

    def _count(self, expected: int | None) -> None:
        """A frame more, of a video that is expected to have so many."""
        if self._lines is not None:
            # Of several videos only the one at hand says how many frames it may have.
            self._lines.advance("frames", 1, expected if self._videos == 1 else None)


class FrameCount:
    """Told (frames so far, frames to expect or None) of one video.

    Args:
        count: told of each frame how many to expect.

    Attributes:
        rate: frames a second; None before the first.
    """

    # Drawing takes longer than reading a frame may.
    _EVERY = 8

    def __init__(self, bars: Progress, task: TaskID, count: Callable[[int | None], None]):
        self._bars, self._task, self._count = bars, task, count
        self._began = time.monotonic()
        self.rate: float | None = None

    def __call__(self, frames: int, expected: int | None) -> None:
        self.rate = frames / max(time.monotonic() - self._began, 1e-9)
        self._count(expected)
        if frames % self._EVERY == 0:
            counted = f"{frames}/{expected} frames" if expected else f"{frames} frames"
            self._bars.update(
                self._task,
                completed=frames,
                total=expected,
                shown=f"{counted}  {self.rate:.0f} frames/s",
            )


def _last_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[-1]}"
