"""How each stage was trained: its curves, the epoch that was kept, and who judged the epochs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from affectflow.figures import training_curves
from affectflow.figures.training_curves import WATCHED
from affectflow.figures.words import counted
from pipelines.review.documents import number
from pipelines.review.facts import RunDetail
from pipelines.review.page.parts import Cell, details, items, paragraph, table
from pipelines.review.page.results_parts import (
    capital,
    decimal,
    enumerated,
    explained,
    stage_name,
    whole,
)

_HOW = (
    "One panel a stage. Each line is a loss by epoch, the lower the better: “loss” over the data "
    "that are trained on, “val_loss” over those that judge, and “validation_loss” what epochs are "
    "compared by. The star is the best epoch; its weights were kept, unless training started from "
    "better ones. Where “loss” goes on falling and “validation_loss” rises, the model learns its "
    "training data by heart."
)
_MOST_EPOCHS = 300
_LOSSES = ("loss", "val_loss", WATCHED)


def body_of(detail: RunDetail) -> str:
    """The section's body; in words where no stage has a history."""
    histories = {stage: _epochs(history) for stage, history in detail.histories.items()}
    trained = {stage: epochs for stage, epochs in histories.items() if epochs}
    if not trained:
        return paragraph(
            "No epoch of training is recorded: no stage has been trained yet, or the files of the "
            "training were deleted."
        )
    body = explained(
        _HOW,
        lambda: training_curves(
            {stage_name(stage): epochs for stage, epochs in trained.items()},
            figure_id="training-curves",
        ),
    )
    body += items(_told(detail, stage, epochs) for stage, epochs in trained.items())
    return body + "".join(
        details(f"Every epoch: {stage_name(stage)}", _table(epochs))
        for stage, epochs in trained.items()
    )


def _epochs(history: Mapping[str, Any]) -> list[dict[str, float]]:
    """The logs of each epoch as they can be drawn; what is no number is left out."""
    rows = history.get("history")
    return [
        {str(name): float(value) for name, value in row.items() if number(value) is not None}
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, Mapping)
    ]


def _told(detail: RunDetail, stage: str, epochs: Sequence[Mapping[str, float]]) -> str:
    history = detail.histories[stage]
    said = f"{capital(stage_name(stage))}: {counted(len(epochs), 'epoch')}"
    if history.get("stopped_early") is True:
        said += ", stopped early as none became better"
    best = number(history.get("best_epoch"))
    if best is not None:
        kept = f"the weights of epoch {int(best) + 1}"
        if best < 0:
            kept = "no epoch was better than the weights that training started from, which"
        said += f"; {kept} were kept"
        loss = number(history.get("best_loss"))
        said += f" (validation_loss {loss:.4f})" if loss is not None else ""
    if history.get("started_from"):
        said += f"; training started from the weights of {history['started_from']}"
    return f"{said}. validation_loss is {_meaning(detail, stage)}. {_judges(history)}"


def _meaning(detail: RunDetail, stage: str) -> str:
    if stage == "classifier":
        judge = detail.settings.get("classifier.judge")
        return {
            "accuracy": "1 − the accuracy",
            "loss": "the cross-entropy",
        }.get(str(judge), "the number that epochs are compared by")
    return {
        "ccc": "1 − the mean CCC over all that judge",
        "mse": "the mean squared error",
    }.get(str(detail.settings.get(f"{stage}.loss")), "the number that epochs are compared by")


def _judges(history: Mapping[str, Any]) -> str:
    """Who judged the epochs."""
    on = history.get("tuned_on")
    if isinstance(on, list) and on:
        names = enumerated([str(name) for name in on])
        subjects = counted(len(on), "training subject")
        return (
            f"Epochs were judged on {subjects} held out of training: {names}."
            f"{_one_sided(history.get('one_sided'))}"
        )
    if on == "eval":
        return (
            "Epochs were judged on the evaluated videos themselves, so that the scores below "
            "flatter the model."
        )
    return "Who judged the epochs is not recorded."


def _one_sided(classes: Any) -> str:
    """The classes that are not both trained on and judged, with the number of their people."""
    if not isinstance(classes, Mapping) or not classes:
        return ""
    told = [
        f"{name} ({counted(int(people), 'training subject')})"
        for name, value in classes.items()
        if (people := number(value)) is not None
    ]
    return f" Not both trained on and judged: {enumerated(told)}." if told else ""


def _table(epochs: Sequence[Mapping[str, float]]) -> str:
    names = dict.fromkeys(name for row in epochs for name in row)
    logs = sorted(names, key=lambda name: (name not in _LOSSES, name))
    rows: list[list[Cell]] = [
        [whole(at + 1), *(decimal(row.get(name, math.nan), 4) for name in logs)]
        for at, row in enumerate(epochs[:_MOST_EPOCHS])
    ]
    body = table(["epoch", *logs], rows)
    if len(epochs) > _MOST_EPOCHS:
        body += paragraph(
            f"The first {_MOST_EPOCHS} of {len(epochs)} epochs; history.json has the others."
        )
    return body
