"""The judged score of each video and of each subject, worst first."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from affectflow.corpora.classes import EXPRESSION
from affectflow.figures import score_bars
from affectflow.figures.words import count, counted
from affectflow.gate.summary import Slice
from pipelines.review.page.parts import Cell, details, paragraph, table
from pipelines.review.page.results_choice import ccc_of, constant_truth
from pipelines.review.page.results_evaluated import Evaluated, shown_names
from pipelines.review.page.results_parts import (
    capital,
    decimal,
    explained,
    heading,
    stage_name,
    whole,
)

if TYPE_CHECKING:
    from affectflow.gate.class_score import ClassScore

MOST_ROWS = 1000
"""Of a table: the page of a corpus of ten thousand images must open, too."""

_HOW = (
    "One bar a {of}, the worst on top; the longer the better. The dashed line is the score of all "
    "together."
)
_BELOW = " A bar to the left of 0 is worse than a constant prediction would be."


def body_of(evaluated: Evaluated) -> str:
    """The section's body; a table of many rows shows the worst MOST_ROWS."""
    summary = evaluated.summary
    body = paragraph(
        f"Scores of the stage “{stage_name(evaluated.stage)}”. An average hides on whom a model "
        "fails: these are the videos and the people behind it."
    )
    body += _part(evaluated, summary.videos, "video")
    alone = {row.corpus for row in summary.subjects}, len(summary.subjects)
    if alone == ({row.corpus for row in summary.videos}, len(summary.videos)):
        said = paragraph("Every subject has one video: the scores are those by video.")
        return body + heading("By subject") + said
    return body + _part(evaluated, summary.subjects, "subject")


def _part(evaluated: Evaluated, rows: Sequence[Slice], of: str) -> str:
    body = heading(f"By {of}")
    if not rows:
        return body + paragraph(f"The metrics name no {of}.")
    value_of, metric = _measure(evaluated)
    ranked = sorted(rows, key=lambda row: (_nan_last(value_of(row)), row.corpus, row.name))
    if evaluated.by_accuracy and all(_samples(evaluated, row) <= 1 for row in rows):
        body += paragraph(_of_singles(evaluated, [value_of(row) for row in rows], of))
    elif not evaluated.by_accuracy and constant_truth(rows, evaluated.stage):
        body += paragraph(
            f"In no {of} do the true values move, so that none has a CCC to speak of; the table "
            "has their errors."
        )
    else:
        scores = dict(zip(shown_names(ranked), (value_of(row) for row in ranked)))
        how = _HOW.format(of=of) + ("" if evaluated.by_accuracy else _BELOW)
        body += explained(
            how,
            lambda: score_bars(
                scores, metric=metric, of=of, figure_id=f"by-{of}", overall=_overall(evaluated)
            ),
        )
    summary = f"Table of {counted(len(rows), of)}, worst first"
    body += details(summary, _table(evaluated, ranked[:MOST_ROWS], of))
    if len(ranked) > MOST_ROWS:
        body += paragraph(
            f"The table ends after {count(MOST_ROWS)} of {counted(len(ranked), of)}; summary.json "
            "has the others."
        )
    return body


def _measure(evaluated: Evaluated) -> tuple[Callable[[Slice], float], str]:
    """The value of a row, and what it is called."""
    stage = evaluated.stage
    if not evaluated.by_accuracy:
        return lambda row: ccc_of(row, stage), "Mean CCC" if len(evaluated.outputs) > 1 else "CCC"
    task = evaluated.tasks[0]
    name = "Accuracy" if task == EXPRESSION else f"Accuracy of {task}"
    return lambda row: _accuracy(_score(row, stage, task)), name


def _overall(evaluated: Evaluated) -> float:
    score = evaluated.summary.stages[evaluated.stage]
    if not evaluated.by_accuracy:
        return score.ccc_mean
    return score.classes[evaluated.tasks[0]].accuracy


def _score(row: Slice, stage: str, task: str) -> ClassScore | None:
    return row.classes.get(stage, {}).get(task)


def _accuracy(score: ClassScore | None) -> float:
    return score.accuracy if score else math.nan


def _samples(evaluated: Evaluated, row: Slice) -> int:
    score = _score(row, evaluated.stage, evaluated.tasks[0])
    return score.count if score else 0


def _of_singles(evaluated: Evaluated, values: Sequence[float], of: str) -> str:
    right = sum(value == 1 for value in values)
    known = sum(math.isfinite(value) for value in values)
    why = "vote" if evaluated.votes else "sample"
    return (
        f"Every {of} is one {why}, right or wrong: {count(right)} of {count(known)} are right. The "
        "table has the wrong ones first."
    )


def _nan_last(value: float) -> float:
    return value if math.isfinite(value) else math.inf


def _table(evaluated: Evaluated, rows: Sequence[Slice], of: str) -> str:
    stage, outputs, tasks = evaluated.stage, evaluated.outputs, evaluated.tasks
    heads = [of, "frames"]
    heads += ["mean CCC"] if len(outputs) > 1 else []
    heads += [f"{what} {output}" for what in ("CCC", "RMSE") for output in outputs]
    for task in tasks:
        heads += [capital(task) if len(tasks) > 1 else "accuracy"]
    heads += [evaluated.samples] if tasks else []
    cells: list[list[Cell]] = []
    for name, row in zip(shown_names(rows), rows):
        line: list[Cell] = [name, whole(row.frames)]
        scores = row.scores.get(stage, {})
        line += [decimal(ccc_of(row, stage))] if len(outputs) > 1 else []
        line += [decimal(scores[o].ccc if o in scores else math.nan) for o in outputs]
        line += [decimal(scores[o].rmse if o in scores else math.nan) for o in outputs]
        line += [decimal(_accuracy(_score(row, stage, task))) for task in tasks]
        line += [whole(_samples(evaluated, row))] if tasks else []
        cells.append(line)
    return table(heads, cells)
