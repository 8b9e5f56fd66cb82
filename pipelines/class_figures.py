"""The figures of classes in a summary, as rows for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from affectflow.corpora.classes import TASKS

STAGE_NAMES = {"cnn": "CNN alone", "rnn": "CNN + RNN", "classifier": "classifier"}
COLUMNS = ("accuracy", "95 % over videos", "precision", "recall", "PN accuracy", "count")


@dataclass(frozen=True)
class ClassRow:
    """One stage's figures of one task.

    Attributes:
        task, stage: by name.
        corpus: "" = all of them.
        values: texts, a column of COLUMNS each.
    """

    task: str
    stage: str
    corpus: str
    values: tuple[str, ...]

    @property
    def title(self) -> str:
        """Such as ``CNN + RNN``, or ``CNN + RNN, jaffe``."""
        name = STAGE_NAMES[self.stage]
        return f"{name}, {self.corpus}" if self.corpus else name


def class_rows(metrics: Mapping[str, Any]) -> Iterator[ClassRow]:
    """Rows by task and stage, first over all frames and then, of several corpora, each.

    What has no sample, such as the age in a corpus that does not tell it, has no row.

    Args:
        metrics: ``summary.json``; without classes there are no rows.
    """
    stages = {name: stage.get("classes", {}) for name, stage in metrics.get("stages", {}).items()}
    corpora = metrics.get("corpora", ())
    # The file has its keys sorted; the expression comes first to people.
    for task in TASKS:
        for stage, tasks in stages.items():
            found = [("", tasks.get(task))]
            if len(corpora) > 1 and task in tasks:
                found += [(row["corpus"], row["classes"][stage][task]) for row in corpora]
            for corpus, score in found:
                if score and score["count"]:
                    yield ClassRow(task, stage, corpus, _values(score))


def _values(score: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        _text(score["accuracy"]),
        f"{_text(score['low'])} to {_text(score['high'])}",
        _text(score["macro_precision"]),
        _text(score["macro_recall"]),
        _text(score["pn_accuracy"]),
        str(score["count"]),
    )


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
