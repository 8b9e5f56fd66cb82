"""Whether TFMA's result is of every frame that the tallies are of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import tensorflow_model_analysis as tfma

from affectflow.gate import GateSettings, VideoKey, VideoTally
from affectflow.records.clip_counts import LostRecords

_COUNT = "labelled_count"


def check_analysed(
    tallies: Mapping[VideoKey, VideoTally], settings: GateSettings, evaluation: Path
) -> None:
    """Compares TFMA's counts over all frames with those of the tallies.

    Args:
        evaluation: folder of TFMA's result.

    Raises:
        LostRecords: they differ.
    """
    expected: Counter[tuple[str, str]] = Counter()
    for tally in tallies.values():
        expected.update({name: moments.n for name, moments in tally.moments.items()})
        expected.update({name: counts.total for name, counts in tally.confusions.items()})
    for stage in settings.stage_names:
        # A single model has no name to TFMA.
        name = stage if len(settings.stage_names) > 1 else None
        whole = dict(tfma.load_eval_result(str(evaluation), model_name=name).slicing_metrics)[()]
        for output in (*settings.output_names, *settings.class_names):
            analysed = int(whole[output][""][_COUNT]["doubleValue"])
            if analysed != expected[stage, output]:
                raise LostRecords(
                    f"TFMA's evaluation of {stage} {output} is of {analysed} of"
                    f" {expected[stage, output]} labelled frames; run again, and if it happens"
                    " again with another --runner"
                )
