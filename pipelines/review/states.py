"""How a run stands, from the executions of its nodes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from affectflow.corpora.manifest import MANIFEST_FILE
from pipelines.node_names import EXAMPLE_VALIDATOR, PUSHER, TRANSFORM
from pipelines.review.documents import read_object, table
from pipelines.review.store import Execution

DONE = (Execution.COMPLETE, Execution.CACHED)
BROKEN = (Execution.FAILED, Execution.CANCELED)
IMPORTER = "tfx.dsl.components.common.importer.Importer"
LAST = {"rebuild": TRANSFORM, "release": PUSHER}
"""Kind of a pipeline -> its last node: a run has come to its end when that is done."""


def kind_of(pipeline: str) -> str:
    """``rebuild`` or ``release``, which the pipeline's name ends with; "" for another."""
    kind = pipeline.rpartition("_")[2]
    return kind if kind in LAST else ""


def node_of(execution: Execution) -> str:
    """What the node is called, as its type has it: right for all nodes but importers."""
    return execution.type.rpartition(".")[2]


def has_ended(executions: Iterable[Execution]) -> bool:
    """Whether the last node of a pipeline is done."""
    return any(_is_done(execution, node) for execution in executions for node in LAST.values())


def run_state(
    kind: str, executions: Sequence[Execution], alive: Callable[[], bool], examples: str
) -> str:
    """One of facts.STATES.

    Args:
        executions: the run's, oldest first.
        alive: whether something works on the run; asked where that is not plain anyway.
        examples: URI of what VideoExampleGen gave; "" before that. Whether the corpus has labels
            decides which node is the last of a rebuild.
    """
    if kind in LAST and any(_is_done(execution, LAST[kind]) for execution in executions):
        return "complete"
    if alive():
        return "running"
    last = last_attempts(executions)
    if any(execution.last_known_state in BROKEN for execution in last):
        return "failed"
    if not last or any(execution.last_known_state not in DONE for execution in last):
        return "interrupted"
    if kind == "rebuild":
        validated = any(_is_done(execution, EXAMPLE_VALIDATOR) for execution in last)
        return "complete" if validated and is_unlabelled(examples) else "interrupted"
    return "interrupted" if kind else "complete"


def last_attempts(executions: Sequence[Execution]) -> list[Execution]:
    """The last execution of every node; importers, which all have one type, count one by one.

    An importer that failed is outlived by any execution after it.
    """
    found: dict[object, Execution] = {}
    for place, execution in enumerate(executions):
        if execution.type != IMPORTER:
            found[execution.type] = execution
        elif execution.last_known_state not in BROKEN or place == len(executions) - 1:
            found[execution.id] = execution
    return list(found.values())


def is_unlabelled(examples: str) -> bool:
    """Whether a corpus has no labels, so that its rebuild ends with the validation."""
    values, _ = read_object(Path(examples, MANIFEST_FILE)) if examples else (None, "")
    clips = values.get("clips") if values else None
    return isinstance(clips, list) and not any(
        table(clip).get("labels") or table(clip).get("classes") for clip in clips
    )


def failure_of(execution: Execution) -> str:
    """Why it failed, where TFX has recorded that."""
    said = execution.custom_properties.get("__execution_result__")
    if said is None:
        return ""
    try:
        return str(table(json.loads(said.string_value)).get("resultMessage", "")).strip()
    except ValueError:
        return said.string_value.strip()


def _is_done(execution: Execution, node: str) -> bool:
    return node_of(execution) == node and execution.last_known_state in DONE
