"""Whether TFMA's result is of every frame that the tallies are of, in each slice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import tensorflow_model_analysis as tfma

from affectflow.errors import first_few
from affectflow.gate import GateSettings, VideoKey, VideoTally
from affectflow.records.clip_counts import LostRecords
from components.evaluator.evaluate import SLICES

_COUNT = "labelled_count"
_SHOWN = 3

Slice = tuple[tuple[str, str], ...]
"""As TFMA names one: ``(("video_id", "v1"),)``, or ``()`` for all frames."""


def check_analysed(
    tallies: Mapping[VideoKey, VideoTally], settings: GateSettings, evaluation: Path
) -> None:
    """Compares TFMA's counts with those of the tallies, in all frames and in each slice.

    Args:
        evaluation: folder of TFMA's result.

    Raises:
        LostRecords: they differ; names the slices, the videos among them.
    """
    outputs = (*settings.output_names, *settings.class_names)
    for stage in settings.stage_names:
        # A single model has no name to TFMA.
        result = _load(evaluation, stage if len(settings.stage_names) > 1 else None)
        found: Counter[tuple[Slice, str]] = Counter()
        for where, metrics in result.slicing_metrics:
            for output in outputs:
                value = metrics.get(output, {}).get("", {}).get(_COUNT, {})
                found[where, output] += int(value.get("doubleValue", 0))
        expected = _expected(tallies, stage)
        differ = sorted(
            key for key in expected.keys() | found.keys() if expected[key] != found[key]
        )
        if differ:
            said = [
                f"{output} of {_words(where)}: {found[where, output]} of {expected[where, output]}"
                for where, output in differ
            ]
            raise LostRecords(
                f"TFMA's evaluation of {stage} is not of all labelled frames:"
                f" {first_few(said, _SHOWN, '; ')}"
            )


def _load(evaluation: Path, model: str | None) -> tfma.EvalResult:
    try:
        return tfma.load_eval_result(str(evaluation), model_name=model)
    except Exception as error:
        # Of files that lack their one record TFMA and what it parses them with say anything.
        raise LostRecords(
            f"TFMA's evaluation {evaluation} cannot be read ({type(error).__name__}: {error})"
        ) from error


def _expected(tallies: Mapping[VideoKey, VideoTally], stage: str) -> Counter[tuple[Slice, str]]:
    counts: Counter[tuple[Slice, str]] = Counter()
    for key, tally in tallies.items():
        labelled = {name: moments.n for (of, name), moments in tally.moments.items() if of == stage}
        labelled |= {name: c.total for (of, name), c in tally.confusions.items() if of == stage}
        for columns in SLICES:
            where = tuple((column, getattr(key, column)) for column in columns)
            for output, number in labelled.items():
                counts[where, output] += number
    return counts


def _words(where: Slice) -> str:
    return " ".join(f"{name} {value}" for name, value in where) or "all"
