"""What came of a run, read from what its nodes gave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from affectflow.corpora.classes import TASKS
from affectflow.corpora.clip import SPLITS
from affectflow.corpora.duplicates import Duplicates
from affectflow.models.files import HISTORY_FILE
from affectflow.records.counts import FrameCounts, load_counts
from affectflow.records.predictions import loss_key
from affectflow.records.rejects import REJECTS_FILE
from affectflow.release.folder import SUMMARY_FILE
from pipelines.node_names import (
    CLASS_PREDICTOR,
    CLASS_TRAINER,
    CNN_TRAINER,
    DENSITY_SAMPLER,
    EVALUATOR,
    PUSHER,
    RNN_TRAINER,
    VIDEO_EXAMPLE_GEN,
)

if TYPE_CHECKING:
    from pipelines.node import NodeResult

_TRAINERS = {"cnn": CNN_TRAINER, "rnn": RNN_TRAINER, "classifier": CLASS_TRAINER}


@dataclass(frozen=True)
class RebuildSummary:
    """A finished rebuild.

    Attributes:
        clips: ``listed``, ``used``, and ``rejected`` by cause.
        frames: every decoded frame by what became of it, by split.
        balanced: False for a corpus without labels, which ends after validation.
        rejects: each rejected clip's video_id, split, cause and detail.
        examples: URI of the `frames`.
        reused: nodes whose outputs were there already.
    """

    clips: Mapping[str, Any]
    frames: Mapping[str, FrameCounts]
    balanced: bool
    rejects: list[dict[str, str]]
    examples: str
    reused: list[str]

    @classmethod
    def of(cls, results: Mapping[str, NodeResult]) -> RebuildSummary:
        """Reads counts and rejects of a rebuild's nodes."""
        videos = results[VIDEO_EXAMPLE_GEN]
        balanced = DENSITY_SAMPLER in results
        counted = (
            results[DENSITY_SAMPLER].uri("balanced_counts") if balanced else videos.uri("counts")
        )
        frames, clips = load_counts(counted)
        rejects = Path(videos.uri("rejects"), REJECTS_FILE).read_text(encoding="utf-8")
        return cls(
            clips=clips,
            frames={split: frames[split] for split in SPLITS},
            balanced=balanced,
            rejects=[json.loads(line) for line in rejects.splitlines()],
            examples=videos.uri("examples"),
            reused=_reused(results),
        )

    @property
    def total(self) -> FrameCounts:
        """Frames of all splits."""
        return sum(self.frames.values(), FrameCounts())


@dataclass(frozen=True)
class ReleaseSummary:
    """A finished release run.

    Attributes:
        metrics: ``summary.json`` of the evaluation, with the gate's verdict.
        blessed: whether the gate let the model through.
        release: folder of the release; None when refused.
        refusal: record of the refusal; None when blessed.
        best_epochs: stage -> the epoch whose weights were kept, from 1; 0 = no epoch was better
            than the weights that training started from. Of the stages that the recipe trains.
        losses: task -> cross-entropy of a classifier over the evaluated samples, in nats.
        unchanged: the latest release holds this very model already.
        reused: nodes whose outputs were there already.
        duplicates: equal clips among the data; None where they were not counted.
    """

    metrics: Mapping[str, Any]
    blessed: bool
    release: str | None
    refusal: str | None
    best_epochs: Mapping[str, int]
    losses: Mapping[str, float]
    unchanged: bool
    reused: list[str]
    duplicates: Duplicates | None = None

    @classmethod
    def of(
        cls, results: Mapping[str, NodeResult], data: Mapping[str, Any] | None = None
    ) -> ReleaseSummary:
        """Reads the evaluation and what the Pusher did.

        Args:
            data: what the run worked on (see pipelines.rebuild_data).
        """
        pushed = results[PUSHER].outputs["pushed_model"][0]
        summary = Path(results[EVALUATOR].uri("evaluation"), SUMMARY_FILE)
        histories = {
            stage: _history(results[trainer])
            for stage, trainer in _TRAINERS.items()
            if trainer in results
        }
        return cls(
            metrics=json.loads(summary.read_text(encoding="utf-8")),
            blessed=bool(pushed.get_int_custom_property("pushed")),
            release=pushed.get_string_custom_property("pushed_destination") or None,
            refusal=pushed.get_string_custom_property("refusal") or None,
            best_epochs={stage: told["best_epoch"] + 1 for stage, told in histories.items()},
            losses=_losses(results.get(CLASS_PREDICTOR)),
            unchanged=bool(pushed.get_int_custom_property("unchanged")),
            reused=_reused(results),
            duplicates=Duplicates.from_json((data or {}).get("duplicates")),
        )

    @property
    def beside_score(self) -> str:
        """What a reader of the scores must know; "" = nothing."""
        return self.duplicates.beside_score() if self.duplicates else ""

    def ccc(self, stage: str, output: str) -> float | None:
        """Pooled CCC over all frames; None where it has no value."""
        return self.metrics["stages"][stage]["outputs"][output]["ccc"]

    def accuracy(self, stage: str, task: str) -> float | None:
        """Share of all samples whose class is right; None where it has no value."""
        return self.metrics["stages"][stage]["classes"][task]["accuracy"]


def _losses(predictor: NodeResult | None) -> dict[str, float]:
    if predictor is None:
        return {}
    (predictions,) = predictor.outputs["predictions"]
    return {
        task: predictions.get_float_custom_property(loss_key(task))
        for task in TASKS
        if predictions.has_custom_property(loss_key(task))
    }


def _history(trainer: NodeResult) -> dict[str, Any]:
    history = Path(trainer.uri("model_run"), HISTORY_FILE).read_text(encoding="utf-8")
    return json.loads(history)


def _reused(results: Mapping[str, NodeResult]) -> list[str]:
    return [node for node, result in results.items() if result.state == "cached"]
