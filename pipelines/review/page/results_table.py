"""The table of a run as papers print it: each stage's scores, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from affectflow.figures.words import count, counted
from affectflow.gate.class_score import ClassScore
from affectflow.gate.score import Score
from pipelines.review.page.parts import Cell, details, paragraph, table
from pipelines.review.page.results_evaluated import Evaluated
from pipelines.review.page.results_parts import (
    capital,
    decimal,
    heading,
    stage_name,
    whole,
    with_interval,
)

_FEW_VIDEOS = 20


def body_of(evaluated: Evaluated) -> str:
    """The section's body; a part that was not measured is not there."""
    summary = evaluated.summary
    on = f"{counted(summary.frames, 'frame')} of {counted(len(summary.videos), 'video')}"
    if all(row.frames == 1 for row in summary.videos):
        on += ", each of them one sample (an image, or a clip)"
    body = paragraph(
        f"Measured on {on}. The gate judges the stage “{stage_name(evaluated.stage)}”."
    )
    if evaluated.detail.beside_score:
        body += paragraph(f"{evaluated.detail.beside_score}.")
    if evaluated.outputs:
        body += heading("Valence and arousal") + _outputs(evaluated)
    for task in evaluated.tasks:
        body += heading(capital(task)) + _classes(evaluated, task)
    if evaluated.tasks:
        body += paragraph(_about_classes(evaluated))
    return body + paragraph(_about_interval(evaluated))


def _outputs(evaluated: Evaluated) -> str:
    outputs = evaluated.outputs
    heads = [
        "stage",
        *(f"{what} {output}" for what in ("RMSE", "CCC", "Pearson") for output in outputs),
        "mean CCC",
        "frames",
    ]
    rows: list[list[Cell]] = []
    for stage, score in evaluated.summary.stages.items():
        mean = with_interval(score.ccc_mean, score.ccc_mean_low, score.ccc_mean_high)
        rows.append([stage_name(stage), *_cells(score.outputs, outputs, mean)])
    body = table(heads, rows, "Each stage over all frames; in brackets the 95 % interval")
    corpora = evaluated.summary.corpora
    if len(corpora) > 1:
        parts: list[list[Cell]] = []
        for row in corpora:
            for stage, scores in row.scores.items():
                found = evaluated.summary.scores_on(stage, row.corpus)
                mean = decimal(found.ccc_mean if found else float("nan"))
                name = f"{stage_name(stage)}, {row.corpus}"
                parts.append([name, *_cells(scores, outputs, mean)])
        body += details("By corpus", table(heads, parts))
    return body + paragraph(
        "RMSE is the root of the mean squared error, the lower the better. CCC is Lin's "
        "concordance correlation: 1 where prediction and truth are equal, 0 where they have "
        "nothing in common. Pearson's correlation does not mind a prediction that is too flat or "
        "shifted, which CCC does. All are pooled over frames."
    )


def _cells(scores: Mapping[str, Score], outputs: Sequence[str], mean: Cell) -> list[Cell]:
    found = [scores[output] for output in outputs if output in scores]
    if len(found) < len(outputs):
        return [decimal(float("nan"))] * (3 * len(outputs) + 2)
    return [
        *(decimal(score.rmse) for score in found),
        *(with_interval(score.ccc, score.ccc_low, score.ccc_high) for score in found),
        *(decimal(score.pearson) for score in found),
        mean,
        whole(max(score.count for score in found)),
    ]


def _classes(evaluated: Evaluated, task: str) -> str:
    rows: list[list[Cell]] = []
    corpora = evaluated.summary.corpora
    for stage, found in evaluated.summary.stages.items():
        if score := found.classes.get(task):
            rows.append([stage_name(stage), *_figures(score)])
        for row in corpora if len(corpora) > 1 else ():
            score = row.classes.get(stage, {}).get(task)
            if score and score.count:
                rows.append([f"{stage_name(stage)}, {row.corpus}", *_figures(score)])
    heads = [
        "stage", "accuracy", "macro precision", "macro recall", "PN accuracy", evaluated.samples,
    ]  # fmt: skip
    body = table(heads, rows, "Each stage over all samples; in brackets the 95 % interval")
    return body + paragraph(_always(evaluated.summary.stages[evaluated.stage].classes[task]))


def _always(score: ClassScore) -> str:
    """What knowing nothing would reach, without which no accuracy says much."""
    if score.confusion is None or not score.confusion.total:
        return ""
    rows = score.confusion.counts.sum(axis=1)
    name = score.confusion.classes[int(rows.argmax())]
    share = rows.max() / rows.sum()
    return (
        f"Whoever always said {name}, than which no class is more frequent, would reach an "
        f"accuracy of {share:.3f}."
    )


def _figures(score: ClassScore) -> list[Cell]:
    return [
        with_interval(score.accuracy, score.low, score.high),
        decimal(score.macro_precision),
        decimal(score.macro_recall),
        decimal(score.pn_accuracy),
        whole(score.count),
    ]


def _about_classes(evaluated: Evaluated) -> str:
    sample = (
        "A sample is a video: the class that most of its labelled frames are given is its vote."
        if evaluated.votes
        else "A sample is a frame, an image or a segment of a clip."
    )
    return (
        f"{sample} Accuracy is the share that is right; macro precision and recall are means over "
        "the classes that occur, each counting alike however rare it is; PN accuracy asks only "
        "whether the sign of the emotion's valence is right (it is of expressions alone)."
    )


def _about_interval(evaluated: Evaluated) -> str:
    videos = len(evaluated.summary.videos)
    times = evaluated.detail.settings.get("gate.bootstrap")
    often = f"each of {count(times)} rounds" if isinstance(times, int) else "each of many rounds"
    said = (
        f"The 95 % interval is a bootstrap over videos: in {often} as many videos as were evaluated"
        f" ({count(videos)}) are drawn from them with replacement and the score is computed anew; "
        "95 % of these scores lie within. It says how far the score would move with other videos "
        "of the same kind, not with another training."
    )
    if videos == 1:
        said += " Of a single video it says nothing."
    elif videos < _FEW_VIDEOS:
        said += " Of so few videos it is a rough guide, and rather too narrow."
    return said
