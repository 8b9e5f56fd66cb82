"""An evaluation as the sections of results see it: its scores, and predictions when asked for."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from affectflow.corpora.classes import TASKS
from affectflow.errors import InputError
from affectflow.gate.summary import Slice, Summary
from pipelines.moved import local_path
from pipelines.node_names import CLASS_PREDICTOR, EVALUATOR, PREDICTOR
from pipelines.review.documents import table
from pipelines.review.facts import ArtifactFacts, RunDetail
from pipelines.review.page.results_choice import Choice, choose
from pipelines.review.predictions import (
    MOST_FRAMES,
    Predictions,
    VideoName,
    read_predictions,
)

_PREDICTORS = (PREDICTOR, CLASS_PREDICTOR)


@dataclass(frozen=True)
class Evaluated:
    """An evaluation.

    Attributes:
        detail: of the run.
        summary: the scores.
    """

    detail: RunDetail
    summary: Summary

    @classmethod
    def of(cls, detail: RunDetail) -> Evaluated:
        """The evaluation of a run.

        Raises:
            InputError: there is none; says why.
        """
        if detail.summary is None:
            raise InputError(_why_none(detail))
        summary = Summary.from_json(detail.summary)
        if not summary.stages:
            raise InputError("the metrics name no stage")
        return cls(detail, summary)

    @cached_property
    def stage(self) -> str:
        """The judged stage; the last one where no gate spoke."""
        stages = list(self.summary.stages)
        judged = table(self.summary.verdict).get("stage")
        return str(judged) if judged in stages else stages[-1]

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """What is predicted of valence and arousal, in this order."""
        found = self.summary.stages[self.stage].outputs
        return tuple(sorted(found, reverse=True))

    @cached_property
    def tasks(self) -> tuple[str, ...]:
        """The tasks whose classes are measured, the expression first."""
        found = self.summary.stages[self.stage].classes
        return tuple(task for task in TASKS if task in found and found[task].count)

    @property
    def by_accuracy(self) -> bool:
        """Whether classes are what is judged, rather than valence and arousal."""
        measure = self.detail.settings.get("gate.measure")
        return bool(self.tasks) and (measure == "accuracy" or not self.outputs)

    @property
    def votes(self) -> bool:
        """Whether a sample is a video's one vote."""
        return self.detail.settings.get("gate.vote") == 1

    @property
    def samples(self) -> str:
        """What is counted where classes are."""
        return "videos" if self.votes else "samples"

    @property
    def expressions(self) -> tuple[str, ...]:
        """The measured expressions in the recipe's order; () where that is not known."""
        named = self.detail.settings.get("gate.expressions")
        return tuple(named.split(",")) if isinstance(named, str) and named else ()

    @cached_property
    def chosen(self) -> list[Choice]:
        """The videos that stand for all."""
        return choose(self.summary.videos, self.stage)

    @cached_property
    def predictions(self) -> Predictions:
        """What was predicted, frame by frame; of very much a part that any name may be in."""
        found = predictions_of(self.detail)
        if found is None:
            return Predictions({}, problems=("the record of the run names no predictions",))
        if not found.exists:
            return Predictions({}, problems=(f"{local_path(found.uri)} is gone: files deleted",))
        return read_predictions(
            Path(local_path(found.uri)),
            stages=tuple(self.summary.stages),
            outputs=self.outputs,
            tasks=self.tasks,
            wanted=self._wanted(),
        )

    def _wanted(self) -> set[VideoName] | None:
        """None = all, where all are few enough."""
        if sum(row.frames for row in self.summary.videos) <= MOST_FRAMES:
            return None
        wanted = {name_of(choice.row) for choice in self.chosen}
        frames = 0
        for row in sorted(self.summary.videos, key=_scattered):
            if frames >= MOST_FRAMES:
                break
            wanted.add(name_of(row))
            frames += row.frames
        return wanted


def name_of(row: Slice) -> VideoName:
    """The video that a row of the table of videos is about."""
    return VideoName(row.corpus, row.name)


def shown_names(rows: Iterable[Slice]) -> list[str]:
    """What a page calls the videos or subjects: with their corpus where there are several."""
    rows = list(rows)
    several = len({row.corpus for row in rows}) > 1
    return [f"{row.corpus}: {row.name}" if several else row.name for row in rows]


def predictions_of(detail: RunDetail) -> ArtifactFacts | None:
    """The artifact of the run's own predictions; a release's before it are another node's."""
    nodes = [node for node in detail.nodes if node.node in _PREDICTORS]
    found = [a for node in nodes for a in node.outputs if a.key == "predictions"]
    return found[-1] if found else None


def _scattered(row: Slice) -> tuple[int, str, str]:
    """An order that has nothing to do with what a video shows, and is the same every time."""
    return zlib.crc32(f"{row.corpus}/{row.name}".encode()), row.corpus, row.name


def _why_none(detail: RunDetail) -> str:
    node = next((node for node in detail.nodes if node.node == EVALUATOR), None)
    if node is None or node.state in ("not begun", "running", "interrupted", "failed"):
        state = node.state if node else "not begun"
        return f"this run has no evaluation: the node {EVALUATOR} is {state!r}"
    folder = next((a for a in node.outputs if a.key == "evaluation"), None)
    if folder is None or not folder.exists:
        return "the files of the evaluation are gone: files deleted"
    return f"summary.json in {local_path(folder.uri)} is gone or damaged"
