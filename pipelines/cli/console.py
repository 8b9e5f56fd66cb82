"""What a person sees: quiet libraries, one line a node, a bar for anything long."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from affectflow import progress
from pipelines.cli.visible import visible
from pipelines.progress_log import ProgressLines, notes_to

if TYPE_CHECKING:
    from pipelines.node import NodeResult

console = Console(highlight=False)
_COLOURS = {"done": "green", "reused": "cyan", "imported": "cyan", "skipped": "yellow"}


def say(text: str) -> None:
    """Prints a line as it is: no markup, and a path is never broken to fit the width."""
    console.print(text, markup=False, soft_wrap=True)


@contextmanager
def user_errors(log: Path | None = None) -> Iterator[None]:
    """Turns errors into one clear message and exit status 1; the traceback goes to the log.

    An error that is a Ctrl-C within a Beam job becomes one.
    """
    from pipelines.failure import explain, is_interrupt

    try:
        yield
    except (typer.Exit, typer.Abort, KeyboardInterrupt):
        raise
    except Exception as error:
        if is_interrupt(error):
            raise KeyboardInterrupt from None
        reason = explain(error)
        if log is not None and log.parent.is_dir():
            with open(log, "a", encoding="utf-8") as file:
                file.write(traceback.format_exc())
        if reason is None:
            reason = _last_line(error)
            if log is None:
                raise
        where = f"\nThe full story is in {log}" if log is not None and log.exists() else ""
        Console(stderr=True, highlight=False, soft_wrap=True).print(
            f"[bold red]Error:[/] {_escaped(reason)}{_escaped(where)}"
        )
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
    """Shows how far a video is: frames of how many, frames a second, time left."""

    def __init__(self, shown: bool = True):
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[shown]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not (shown and console.is_terminal),
        )

    def __enter__(self) -> FrameView:
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    @contextmanager
    def video(self, name: str) -> Iterator[FrameCount]:
        """A video's bar, as long as the block lasts; gives what is to be told of its frames."""
        task = self._bars.add_task(name, total=None, shown="")
        try:
            yield FrameCount(self._bars, task)
        finally:
            self._bars.remove_task(task)


class FrameCount:
    """Told (frames so far, frames to expect or None) of one video.

    Attributes:
        rate: frames a second; None before the first.
    """

    # Drawing takes longer than reading a frame may.
    _EVERY = 8

    def __init__(self, bars: Progress, task: TaskID):
        self._bars, self._task = bars, task
        self._began = time.monotonic()
        self.rate: float | None = None

    def __call__(self, frames: int, expected: int | None) -> None:
        self.rate = frames / max(time.monotonic() - self._began, 1e-9)
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


def _escaped(text: str) -> str:
    # rich reads [brackets] as markup; names of files may hold them, and worse.
    from rich.markup import escape

    return escape("\n".join(map(visible, text.split("\n"))))
