"""Predicted against true values over time, of the videos that stand for all."""

from __future__ import annotations

from functools import partial

from affectflow.figures import Svg, timeline
from affectflow.figures.words import counted
from pipelines.review.page.parts import items, paragraph
from pipelines.review.page.results_choice import Choice, constant_truth
from pipelines.review.page.results_evaluated import Evaluated, name_of
from pipelines.review.page.results_parts import (
    capital,
    explained,
    heading,
    stage_name,
)
from pipelines.review.predictions import Predictions, VideoPredictions

_HOW = (
    "In each figure the broad pale line is the truth and each other line a stage; where they lie "
    "on each other the model is right. A gap is where there is no face or no label. Above each "
    "panel stands how well they agree in this video (CCC: 1 is perfect, and 0 where the truth does "
    "not move)."
)


def body_of(evaluated: Evaluated) -> str:
    """The section's body; in words where the predictions are gone."""
    predictions, chosen = evaluated.predictions, evaluated.chosen
    body = paragraph(_why_these(evaluated)) + problems_of(predictions)
    if not chosen:
        body += paragraph("No video has a score by which it could be chosen.")
    if any(name_of(choice.row) in predictions.videos for choice in chosen):
        body += paragraph(_HOW)
    return body + "".join(_of_video(at, choice, predictions) for at, choice in enumerate(chosen))


def problems_of(predictions: Predictions) -> str:
    """What could not be read, and what was left out on purpose."""
    told = [f"{capital(problem)}." for problem in predictions.problems]
    if predictions.left_out:
        read = counted(len(predictions.videos), "video")
        told.append(
            f"Only {read} were read frame by frame; {counted(predictions.left_out, 'other')} were "
            "left out, as there are very many."
        )
    return items(told)


def _why_these(evaluated: Evaluated) -> str:
    stage, videos = stage_name(evaluated.stage), evaluated.summary.videos
    if len(videos) < 2:
        return f"The one video that was evaluated; the stage “{stage}” is judged."
    said = f"The worst, the median and the best of {counted(len(videos), 'video')} by the mean "
    if constant_truth(videos, evaluated.stage):
        why = "in none do the true values move, so that CCC ranks nothing"
        return f"{said}RMSE of the stage “{stage}”: {why}."
    return f"{said}CCC of the stage “{stage}”."


def _of_video(at: int, choice: Choice, predictions: Predictions) -> str:
    name = choice.row.name
    body = heading(f"{capital(choice.place)}: {name} ({choice.by})")
    video = predictions.videos.get(name_of(choice.row))
    if video is None:
        return body + paragraph("Its predictions are not there to be drawn.")
    return body + explained("", partial(_drawn, video, f"timelines-{at}"))


def _drawn(video: VideoPredictions, figure_id: str) -> Svg:
    return timeline(
        video.frames,
        video.truth,
        {stage_name(stage): found for stage, found in video.predicted.items() if found},
        unit="frame",
        video=video.name.video_id,
        figure_id=figure_id,
    )
