"""The list of runs for people."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from pipelines.cli.console import console
from pipelines.cli.terminal import (
    UNKNOWN,
    Columns,
    cell,
    duration,
    local_time,
    short,
)
from pipelines.review.documents import GONE
from pipelines.review.facts import MARK, Headline, RunFacts

STYLES = {
    "complete": "green",
    "running": "cyan",
    "failed": "red",
    "interrupted": "yellow",
    "blessed": "green",
    "refused": "yellow",
}
_NAMES = {"ccc_mean": "CCC", "accuracy": "accuracy"}
_TOLD = 5
_LEGEND = (
    f"{MARK} some clips for evaluation are equal to training clips; 'affectflow runs show' says how"
    " many"
)


def show_list(runs: Sequence[RunFacts], root: Path, limit: int) -> None:
    """Prints a line a run; what is wrong with their files comes below."""
    if not runs:
        console.print(cell(f"no such run in {root}"))
        return
    # The name comes last: it is the longest, and a narrow terminal breaks the line there.
    table = Columns(
        "state", "began", "took", "corpus", "frames", "score", "outcome", "run",
        right=("took", "frames"),
    )  # fmt: skip
    for run in runs:
        table.add_row(
            cell(run.state, STYLES.get(run.state, "")),
            cell(local_time(run.started)),
            cell(duration(run.duration_s)),
            cell(short(run.corpus_digest)),
            cell(UNKNOWN if run.frames_kept is None else run.frames_kept),
            cell(f"{score(run.headline)}{run.mark}"),
            outcome(run),
            cell(_named(run)),
        )
    table.print()
    if any(run.mark for run in runs):
        console.print(cell(_LEGEND, "yellow"), soft_wrap=True)
    told = [(run.run_id, problem) for run in runs for problem in run.problems]
    for run_id, problem in told[:_TOLD]:
        console.print(cell(f"{run_id}: {problem}", "yellow"), soft_wrap=True)
    if len(told) > _TOLD:
        console.print(f"… and {len(told) - _TOLD} more; 'affectflow runs show' says them")
    if limit and len(runs) == limit:
        console.print(f"the newest {limit}; --limit shows more", style="dim")


def score(headline: Headline | None, interval: bool = False) -> str:
    """``CCC 0.715``, with ``(0.588 to 0.822)`` where the interval is wanted and there is one."""
    if headline is None:
        return UNKNOWN
    name = _NAMES.get(headline.metric, headline.metric)
    said = f"{name} {number(headline.value)}"
    if interval and headline.low is not None and headline.high is not None:
        said += f" ({number(headline.low)} to {number(headline.high)})"
    return said


def number(value: float | None) -> str:
    """Three decimals."""
    return UNKNOWN if value is None else f"{value:.3f}"


def outcome(run: RunFacts) -> Text:
    """What became of the model, and whether files are missing."""
    said = Text(UNKNOWN)
    if run.verdict == "refused":
        said = cell("refused", STYLES["refused"])
    elif run.release is not None:
        again = " again" if run.unchanged else ""
        said = cell(f"release {run.release}{again}", STYLES["blessed"])
    elif run.verdict:
        said = cell(run.verdict, STYLES["blessed"])
    notes = [
        note
        for note, sign in (("files deleted", GONE), ("file damaged", " is damaged "))
        if any(sign in problem for problem in run.problems)
    ]
    if not notes:
        return said
    return Text(", ").join([said] * (run.verdict != "") + [cell(note, "yellow") for note in notes])


def _named(run: RunFacts) -> str:
    """A run's name begins with its pipeline's; where it does not, that stands beside it."""
    if not run.pipeline or run.run_id.startswith(f"{run.pipeline}."):
        return run.run_id
    return f"{run.run_id} ({run.pipeline})"
