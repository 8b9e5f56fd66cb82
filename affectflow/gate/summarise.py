"""From each video's tally to the scores of an evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from affectflow.errors import InputError
from affectflow.gate.class_score import LEVEL, Samples, samples_of, stage_scores
from affectflow.gate.score import Score, StageScore, mean_ccc
from affectflow.gate.settings import GateSettings
from affectflow.gate.summary import Slice, Summary
from affectflow.gate.tally import VideoKey, VideoTally
from affectflow.metrics import CoMoments, bootstrap_over_videos


def summarise(videos: Mapping[VideoKey, VideoTally], settings: GateSettings) -> Summary:
    """Scores overall, by corpus, by subject and by video, from each video's tally.

    Raises:
        InputError: no frame carries a label, or a class that is measured.
    """
    ordered = sorted(videos.items())
    whole = sum(videos.values(), start=VideoTally())
    if whole.frames == 0:
        raise InputError("no prediction carries a label: there is nothing to evaluate")
    tallies = [tally for _, tally in ordered]
    samples = {key: samples_of(tally, settings) for key, tally in ordered}
    return Summary(
        digest=whole.hexdigest,
        frames=whole.frames,
        stages={
            stage: _overall(tallies, list(samples.values()), stage, settings)
            for stage in settings.stage_names
        },
        corpora=_table(ordered, samples, settings, lambda key: key.corpus, whole=True),
        subjects=_table(ordered, samples, settings, lambda key: key.subject_id),
        videos=_table(ordered, samples, settings, lambda key: key.video_id),
    )


def _overall(
    tallies: Sequence[VideoTally], samples: Sequence[Samples], stage: str, settings: GateSettings
) -> StageScore:
    by_output = {
        output: [tally.moments.get((stage, output), CoMoments()) for tally in tallies]
        for output in settings.output_names
    }

    def interval(*series: Sequence[CoMoments]) -> tuple[float, float]:
        if not series:
            return math.nan, math.nan
        return bootstrap_over_videos(*series, n=settings.bootstrap, seed=settings.seed, level=LEVEL)

    scores = {
        output: Score.of(sum(moments, CoMoments()), interval(moments))
        for output, moments in by_output.items()
    }
    classes = stage_scores(samples, stage, settings, whole=True)
    return StageScore(mean_ccc(scores), *interval(*by_output.values()), scores, classes)


def _table(
    videos: Sequence[tuple[VideoKey, VideoTally]],
    samples: Mapping[VideoKey, Samples],
    settings: GateSettings,
    name_of: Callable[[VideoKey], str],
    whole: bool = False,
) -> list[Slice]:
    """The rows of a table; ``whole`` = with intervals and confusion matrices of the classes."""
    rows: dict[tuple[str, str], list[tuple[VideoKey, VideoTally]]] = {}
    for key, tally in videos:
        rows.setdefault((key.corpus, name_of(key)), []).append((key, tally))
    return [
        _slice(corpus, name, members, [samples[key] for key, _ in members], settings, whole)
        for (corpus, name), members in sorted(rows.items())
    ]


def _slice(
    corpus: str,
    name: str,
    videos: Sequence[tuple[VideoKey, VideoTally]],
    samples: Sequence[Samples],
    settings: GateSettings,
    whole: bool,
) -> Slice:
    tally = sum((tally for _, tally in videos), start=VideoTally())
    return Slice(
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
        classes={
            stage: stage_scores(samples, stage, settings, whole)
            for stage in settings.stage_names
            if settings.class_names
        },
    )
