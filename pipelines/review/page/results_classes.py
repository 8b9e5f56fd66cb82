"""What was taken for what: confusion matrices, figures by class, and how often each occurs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from affectflow.figures import class_counts, confusion_matrix
from affectflow.figures.words import count, counted, number
from affectflow.gate.class_score import ClassScore
from affectflow.metrics import Confusion
from pipelines.review.page.parts import Cell, details, paragraph, table
from pipelines.review.page.results_evaluated import Evaluated
from pipelines.review.page.results_parts import (
    capital,
    decimal,
    explained,
    heading,
    stage_name,
    whole,
)

_MATRIX = (
    "In each matrix a row is a true class, a column what it was taken for; a cell has its share of "
    "the row and its count. The fuller the diagonal, the better; a full cell beside it is a "
    "confusion."
)
_COUNTS = (
    "How many of the evaluated {samples} have each class, with their share. A class with few has "
    "figures that say little, and accuracy is ruled by those with many."
)


@dataclass(frozen=True)
class _Measured:
    """A stage's score of a task, on a corpus or ("") on all."""

    stage: str
    corpus: str
    score: ClassScore
    confusion: Confusion

    @property
    def title(self) -> str:
        name = stage_name(self.stage)
        return f"{name}, {self.corpus}" if self.corpus else name


def body_of(evaluated: Evaluated) -> str:
    """The section's body: the judged stage's matrices, other stages' folded away."""
    body = ""
    for place, task in enumerate(evaluated.tasks):
        body += heading(capital(task))
        found = list(_measured(evaluated, task))
        if not found:
            body += paragraph("The metrics hold no confusion matrix.")
            continue
        body += _counts(evaluated, task, found, f"classes-counts-{place}")
        body += paragraph(_MATRIX)
        for at, one in enumerate(found):
            drawn = _matrix(one, task, evaluated.samples, f"classes-matrix-{place}-{at}")
            folded = one.stage != evaluated.stage
            body += details(f"{capital(task)}: {one.title}", drawn) if folded else drawn
    return body


def _measured(evaluated: Evaluated, task: str) -> Iterator[_Measured]:
    """The judged stage first; of several corpora each, of one the whole."""
    stages = evaluated.summary.stages
    corpora = evaluated.summary.corpora
    for stage in sorted(stages, key=lambda name: name != evaluated.stage):
        by_corpus = {row.corpus: row.classes.get(stage, {}).get(task) for row in corpora}
        if len(corpora) < 2:
            by_corpus = {"": stages[stage].classes.get(task)}
        for corpus, score in by_corpus.items():
            if score and score.count and score.confusion is not None:
                yield _Measured(stage, corpus, score, _occurring(evaluated, task, score.confusion))


def _occurring(evaluated: Evaluated, task: str, confusion: Confusion) -> Confusion:
    """Without classes that neither occur nor are measured."""
    kept = evaluated.expressions if task == "expression" else ()
    return confusion.trimmed(kept)


def _counts(evaluated: Evaluated, task: str, found: Sequence[_Measured], figure_id: str) -> str:
    judged = [one for one in found if one.stage == evaluated.stage] or found[:1]
    by_corpus = {one.corpus or "evaluated": _true_counts(one.confusion) for one in judged}
    body = explained(
        _COUNTS.format(samples=evaluated.samples),
        lambda: class_counts(by_corpus, figure_id=figure_id, what=evaluated.samples),
    )
    missing = sum(one.score.count - one.confusion.total for one in judged)
    if missing > 0:
        without = counted(missing, evaluated.samples.removesuffix("s"))
        body += paragraph(f"{without} without a prediction: none of these figures has them.")
    return body


def _true_counts(confusion: Confusion) -> dict[str, int]:
    rows = confusion.counts.sum(axis=1)
    return {name: int(total) for name, total in zip(confusion.classes, rows)}


def _matrix(one: _Measured, task: str, samples: str, figure_id: str) -> str:
    title = f"{task}, {one.title}"
    body = explained("", lambda: confusion_matrix(one.confusion, title=title, figure_id=figure_id))
    score = one.score
    said = (
        f"{capital(one.title)}: accuracy {number(score.accuracy, 3)}, macro precision "
        f"{number(score.macro_precision, 3)}, macro recall {number(score.macro_recall, 3)}"
    )
    if score.pn_accuracy == score.pn_accuracy:
        said += f", PN accuracy {number(score.pn_accuracy, 3)}"
    body += paragraph(f"{said}, of {count(score.count)} {samples}.")
    return body + details(f"Each class: {one.title}", _by_class(one.confusion, samples))


def _by_class(confusion: Confusion, samples: str) -> str:
    true, said = confusion.counts.sum(axis=1), confusion.counts.sum(axis=0)
    rows: list[list[Cell]] = [
        [name, decimal(precision), decimal(recall), whole(int(there)), whole(int(given))]
        for name, precision, recall, there, given in zip(
            confusion.classes, confusion.precision, confusion.recall, true, said
        )
    ]
    heads = ["class", "precision", "recall", f"{samples} of it", f"{samples} named so"]
    return table(heads, rows) + paragraph(
        "Precision is the share of those named so that are it, recall the share of those that are "
        "it and are named so."
    )
