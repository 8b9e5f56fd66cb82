"""The result of an evaluation as numbers: what the gate judges and a release carries."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from affectflow.errors import InputError
from affectflow.gate.settings import GateSettings
from affectflow.gate.tally import VideoKey, VideoTally
from affectflow.metrics import CoMoments, bootstrap_over_videos

if TYPE_CHECKING:
    from affectflow.gate.verdict import Verdict

FORMAT = 1
FILE_NAME = "summary.json"
LEVEL = 0.95


@dataclass(frozen=True)
class Score:
    """Agreement of predictions with labels, pooled over frames; NaN where it has no value.

    Attributes:
        ccc, pearson: in [-1, 1].
        rmse: in the labels' unit.
        count: frames.
        ccc_low, ccc_high: 95 % bootstrap interval over videos; NaN in tables by slice.
    """

    ccc: float
    pearson: float
    rmse: float
    count: int
    ccc_low: float = math.nan
    ccc_high: float = math.nan

    @classmethod
    def of(cls, moments: CoMoments, interval: tuple[float, float] = (math.nan, math.nan)) -> Score:
        """The statistics of some co-moments."""
        return cls(moments.ccc(), moments.pearson(), moments.rmse(), moments.n, *interval)


Scores = Mapping[str, Mapping[str, Score]]
"""stage -> output -> score."""


@dataclass(frozen=True)
class StageScore:
    """One stage overall: the mean CCC over outputs with its interval, and each output's score."""

    ccc_mean: float
    ccc_mean_low: float
    ccc_mean_high: float
    outputs: Mapping[str, Score]


@dataclass(frozen=True)
class Slice:
    """One row of a table: a corpus, or a subject or a video of it (``name``)."""

    corpus: str
    name: str
    frames: int
    scores: Scores


@dataclass(frozen=True)
class Summary:
    """What ``summary.json`` holds.

    Attributes:
        digest: of the evaluated (corpus, video, frame, labels); only metrics with equal digests
            were measured on the same data.
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

    def judged(self, verdict: Verdict) -> Summary:
        """The same summary with the gate's word in it."""
        return replace(self, verdict=verdict.as_json())

    def as_json(self) -> dict[str, Any]:
        """Plain JSON values; NaN becomes null."""
        return {"format": FORMAT, **_without_nan(asdict(self))}

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
                stages={name: _stage(stage) for name, stage in values["stages"].items()},
                corpora=[_slice(row) for row in values["corpora"]],
                subjects=[_slice(row) for row in values["subjects"]],
                videos=[_slice(row) for row in values["videos"]],
                verdict=values["verdict"],
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise InputError(f"the metrics lack or misname a field: {error}") from error

    def dumps(self) -> str:
        """The text of ``summary.json``."""
        return json.dumps(self.as_json(), indent=1, sort_keys=True, allow_nan=False) + "\n"


def summarise(videos: Mapping[VideoKey, VideoTally], settings: GateSettings) -> Summary:
    """Scores overall, by corpus, by subject and by video, from each video's tally.

    Raises:
        InputError: no frame carries a label.
    """
    ordered = sorted(videos.items())
    whole = sum((tally for _, tally in ordered), start=VideoTally())
    if whole.frames == 0:
        raise InputError("no prediction carries a label: there is nothing to evaluate")
    return Summary(
        digest=whole.hexdigest,
        frames=whole.frames,
        stages={
            stage: _overall([tally for _, tally in ordered], stage, settings)
            for stage in settings.stage_names
        },
        corpora=_table(ordered, settings, lambda key: key.corpus),
        subjects=_table(ordered, settings, lambda key: key.subject_id),
        videos=_table(ordered, settings, lambda key: key.video_id),
    )


def _overall(tallies: Sequence[VideoTally], stage: str, settings: GateSettings) -> StageScore:
    by_output = {
        output: [tally.moments.get((stage, output), CoMoments()) for tally in tallies]
        for output in settings.output_names
    }

    def interval(*series: Sequence[CoMoments]) -> tuple[float, float]:
        return bootstrap_over_videos(*series, n=settings.bootstrap, seed=settings.seed, level=LEVEL)

    scores = {
        output: Score.of(sum(moments, CoMoments()), interval(moments))
        for output, moments in by_output.items()
    }
    mean = sum(score.ccc for score in scores.values()) / len(scores)
    return StageScore(mean, *interval(*by_output.values()), scores)


def _table(
    videos: Sequence[tuple[VideoKey, VideoTally]],
    settings: GateSettings,
    name_of: Callable[[VideoKey], str],
) -> list[Slice]:
    tallies: dict[tuple[str, str], VideoTally] = {}
    for key, tally in videos:
        row = (key.corpus, name_of(key))
        tallies[row] = tallies.get(row, VideoTally()) + tally
    return [
        Slice(
            corpus=corpus,
            name=name,
            frames=tally.frames,
            scores={
                stage: {
                    output: Score.of(tally.moments.get((stage, output), CoMoments()))
                    for output in settings.output_names
                }
                for stage in settings.stage_names
            },
        )
        for (corpus, name), tally in sorted(tallies.items())
    ]


def _without_nan(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(item) for item in value]
    # JSON has neither NaN nor infinities.
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _score(values: Mapping[str, Any]) -> Score:
    return Score(
        ccc=_number(values["ccc"]),
        pearson=_number(values["pearson"]),
        rmse=_number(values["rmse"]),
        count=int(values["count"]),
        ccc_low=_number(values["ccc_low"]),
        ccc_high=_number(values["ccc_high"]),
    )


def _stage(values: Mapping[str, Any]) -> StageScore:
    return StageScore(
        ccc_mean=_number(values["ccc_mean"]),
        ccc_mean_low=_number(values["ccc_mean_low"]),
        ccc_mean_high=_number(values["ccc_mean_high"]),
        outputs={name: _score(score) for name, score in values["outputs"].items()},
    )


def _slice(values: Mapping[str, Any]) -> Slice:
    return Slice(
        corpus=values["corpus"],
        name=values["name"],
        frames=int(values["frames"]),
        scores={
            stage: {output: _score(score) for output, score in outputs.items()}
            for stage, outputs in values["scores"].items()
        },
    )
