"""The result of an evaluation as numbers: what the gate judges and a release carries."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from affectflow.errors import InputError
from affectflow.gate.class_score import ClassScore
from affectflow.gate.score import Score, StageScore, class_scores, mean_ccc

FORMAT = 1

Scores = Mapping[str, Mapping[str, Score]]
"""stage -> output -> score."""

ClassScores = Mapping[str, Mapping[str, ClassScore]]
"""stage -> task -> score."""


@dataclass(frozen=True)
class Slice:
    """One row of a table: a corpus, or a subject or a video of it (``name``)."""

    corpus: str
    name: str
    frames: int
    scores: Scores
    classes: ClassScores = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values, and NaN."""
        return {
            "corpus": self.corpus,
            "name": self.name,
            "frames": self.frames,
            "scores": {
                stage: {output: asdict(score) for output, score in outputs.items()}
                for stage, outputs in self.scores.items()
            },
            "classes": {
                stage: {task: score.as_json() for task, score in tasks.items()}
                for stage, tasks in self.classes.items()
            },
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Slice:
        """The inverse of ``as_json``, where null stands for NaN; releases may lack classes.

        Raises:
            KeyError: another field is missing.
        """
        return cls(
            corpus=values["corpus"],
            name=values["name"],
            frames=int(values["frames"]),
            scores={
                stage: {output: Score.from_json(score) for output, score in outputs.items()}
                for stage, outputs in values["scores"].items()
            },
            classes={
                stage: class_scores(tasks) for stage, tasks in values.get("classes", {}).items()
            },
        )


@dataclass(frozen=True)
class Summary:
    """What ``summary.json`` holds.

    Attributes:
        digest: of the evaluated (corpus, video, frame, labels, classes); only metrics with equal
            digests were measured on the same data.
        frames: evaluated frames.
        stages: stage -> overall scores.
        corpora, subjects, videos: tables, sorted by corpus and name.
        verdict: what the gate said (see ``Verdict.as_json``); None before it spoke.
    """

    digest: str
    frames: int
    stages: Mapping[str, StageScore]
    corpora: Sequence[Slice]
    subjects: Sequence[Slice]
    videos: Sequence[Slice]
    verdict: Mapping[str, Any] | None = None

    def scores_on(self, stage: str, corpus: str = "") -> StageScore | None:
        """A stage's scores on one corpus, or over all frames where it is "".

        Returns:
            None where the stage was not measured, or nothing of that corpus was.
        """
        if not corpus:
            return self.stages.get(stage)
        rows = [row for row in self.corpora if row.corpus == corpus and stage in row.scores]
        if not rows:
            return None
        outputs = rows[0].scores[stage]
        classes = rows[0].classes.get(stage, {})
        return StageScore(mean_ccc(outputs), math.nan, math.nan, outputs, classes)

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; NaN becomes null."""
        return _without_nan(
            {
                "format": FORMAT,
                "digest": self.digest,
                "frames": self.frames,
                "stages": {name: stage.as_json() for name, stage in self.stages.items()},
                "corpora": [row.as_json() for row in self.corpora],
                "subjects": [row.as_json() for row in self.subjects],
                "videos": [row.as_json() for row in self.videos],
                "verdict": self.verdict,
            }
        )

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Summary:
        """The inverse of ``as_json``.

        Raises:
            InputError: of another format, or a field is missing.
        """
        if values.get("format") != FORMAT:
            raise InputError(
                f"the metrics are of format {values.get('format')!r}; format {FORMAT} would do"
            )
        try:
            return cls(
                digest=values["digest"],
                frames=values["frames"],
                stages={
                    name: StageScore.from_json(stage) for name, stage in values["stages"].items()
                },
                corpora=[Slice.from_json(row) for row in values["corpora"]],
                subjects=[Slice.from_json(row) for row in values["subjects"]],
                videos=[Slice.from_json(row) for row in values["videos"]],
                verdict=values["verdict"],
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"the metrics lack or misname a field: {error}") from error

    def dumps(self) -> str:
        """The text of ``summary.json``."""
        return json.dumps(self.as_json(), indent=1, sort_keys=True, allow_nan=False) + "\n"


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    # JSON has neither NaN nor infinities.
    return None if isinstance(value, float) and not math.isfinite(value) else value
