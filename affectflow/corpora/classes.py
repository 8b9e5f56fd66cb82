"""The class labels that corpora give, under one set of names.

A corpus says "happy", "HA" or "3"; its adapter says ``joy``, so that a model trained on one corpus
can be tested on another. The names of expressions are those of ``affectflow.emotions``, with
``calm`` (RAVDESS) beside them.
"""

from __future__ import annotations

from collections.abc import Mapping

EXPRESSION, GENDER, RACE, AGE = "expression", "gender", "race", "age"

TASKS: dict[str, tuple[str, ...]] = {
    EXPRESSION: (
        "neutral", "anger", "contempt", "disgust", "fear", "joy", "sadness", "surprise",
        "embarrassment", "pride", "calm",
    ),
    GENDER: ("female", "male", "unsure"),
    RACE: ("african_american", "asian", "caucasian"),
    AGE: ("0-3", "4-19", "20-39", "40-69", "70+"),
}  # fmt: skip
"""Task -> its classes; what a label of that task may be."""

Classes = tuple[tuple[str, str], ...]
"""(task, class) pairs in the order of TASKS."""


def as_classes(labels: Mapping[str, str]) -> Classes:
    """Class labels by task, checked and in order; tasks without a label ("") are left out.

    Raises:
        ValueError: a task or a class that is not in TASKS.
    """
    for task, label in labels.items():
        if task not in TASKS:
            raise ValueError(f"task {task!r} is not one of {', '.join(TASKS)}")
        if label and label not in TASKS[task]:
            raise ValueError(f"{task} {label!r} is not one of {', '.join(TASKS[task])}")
    return tuple((task, labels[task]) for task in TASKS if labels.get(task))
