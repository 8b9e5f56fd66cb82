"""Runs the evaluation on Beam, then the gate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfx import types
from tfx.dsl.components.base import base_beam_executor
from tfx.types import artifact_utils

from affectflow.corpora.clip import ClipKey
from affectflow.errors import InputError
from affectflow.files import write_text
from affectflow.gate import (
    GateSettings,
    Verdict,
    VideoKey,
    VideoTally,
    judge,
    summarise,
    tally_from_json,
)
from affectflow.records.clip_counts import ClipCounts, counted, load_clip_counts, reconcile
from affectflow.records.shards import shards
from affectflow.release import latest_whole
from affectflow.release.folder import SUMMARY_FILE
from components.evaluator.baseline import (
    FACES_PROPERTY,
    baseline_of,
    predictions_of,
    rescoring_settings,
)
from components.parameters import settings_from
from components.reports import read_reports

SPLIT = "eval"
TALLIES = "tallies.jsonl"
BASELINE_TALLIES = "baseline-tallies.jsonl"
READ = "read.jsonl"
BASELINE_READ = "baseline-read.jsonl"
BLESSED_PROPERTY = "blessed"


class Executor(base_beam_executor.BaseBeamExecutor):
    """Executor of the Evaluator; see component.py for what goes in and out."""

    def Do(
        self,
        input_dict: dict[str, list[types.Artifact]],
        output_dict: dict[str, list[types.Artifact]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Evaluates and judges.

        Raises:
            InputError: no predictions, no labels among them, a record that names no frame, or a
                predicted class that the settings do not know.
            LostRecords: not every prediction, or labelled frame, of a clip was evaluated.
        """
        # TFMA takes seconds to import, and whoever only compiles the pipeline does not need it.
        from components.evaluator.analysed import check_analysed
        from components.evaluator.evaluate import Analyze, ReadBatches, WriteTallies

        settings = settings_from(GateSettings, exec_properties)
        compared = settings.compare == "latest"
        release = latest_whole(Path(exec_properties["releases"])) if compared else None
        evaluation = Path(artifact_utils.get_single_uri(output_dict["evaluation"]))
        predictions = artifact_utils.get_single_instance(input_dict["predictions"])
        files = _files(predictions)
        baseline = predictions_of(release, input_dict.get("baseline_predictions"))
        # None where the release need not, or cannot, be scored anew.
        rescored = shards(baseline.uri, SPLIT) if baseline else []

        told = Path(self._get_tmp_dir())
        with self._make_beam_pipeline() as pipeline:
            batches = pipeline | "Read" >> ReadBatches(settings, files, told / READ)
            _ = batches | Analyze(settings, str(evaluation))
            _ = batches | WriteTallies(settings, str(evaluation / TALLIES))
            if rescored:
                judged = rescoring_settings(settings)
                _ = (
                    pipeline
                    | "ReadBaseline"
                    >> ReadBatches(judged, [str(path) for path in rescored], told / BASELINE_READ)
                    | "WriteBaseline" >> WriteTallies(judged, str(evaluation / BASELINE_TALLIES))
                )

        tallies = _tallies(evaluation / TALLIES)
        _check_whole(load_clip_counts(predictions.uri), read_reports(told / READ), tallies)
        summary = summarise(tallies, settings)
        check_analysed(tallies, settings, evaluation)
        again = None
        if baseline and rescored:
            again = _tallies(evaluation / BASELINE_TALLIES)
            _check_whole(load_clip_counts(baseline.uri), read_reports(told / BASELINE_READ), again)
        before = baseline_of(
            release,
            settings,
            again,
            baseline.get_string_custom_property(FACES_PROPERTY) if baseline else "",
        )
        verdict = judge(summary, settings, before)
        write_text(evaluation / SUMMARY_FILE, replace(summary, verdict=verdict.as_json()).dumps())
        _bless(artifact_utils.get_single_instance(output_dict["blessing"]), verdict)


def _files(predictions: types.Artifact) -> list[str]:
    """The files of the split that is evaluated."""
    found = shards(predictions.uri, SPLIT)
    if not found:
        raise InputError(
            f"predictions {predictions.uri!r} have no file in split {SPLIT}; run the Predictor"
        )
    return [str(path) for path in found]


def _check_whole(
    predictions: ClipCounts, read: Iterable[list], tallies: Mapping[VideoKey, VideoTally]
) -> None:
    """Holds what was read against the predictions, and what was evaluated against what was read."""
    records: Counter[ClipKey] = Counter()
    labelled: Counter[ClipKey] = Counter()
    for corpus, _, video, count, evaluated in read:
        records[ClipKey(SPLIT, corpus, video)] += count
        labelled[ClipKey(SPLIT, corpus, video)] += evaluated
    reconcile("predictions that were read", predictions, records)
    reconcile(
        "evaluated frames",
        labelled,
        counted((SPLIT, key.corpus, key.video_id, t.frames) for key, t in tallies.items()),
    )


def _tallies(path: Path) -> dict[VideoKey, VideoTally]:
    # A runner that lost what was to be written leaves no file: no tallies, which the check sees.
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return dict(map(tally_from_json, lines))


def _bless(blessing: types.Artifact, verdict: Verdict) -> None:
    # The property and the file's name are TFX's own, so that its resolvers understand them.
    folder = Path(blessing.uri)
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / ("BLESSED" if verdict.blessed else "NOT_BLESSED"), "")
    blessing.set_int_custom_property(BLESSED_PROPERTY, int(verdict.blessed))
