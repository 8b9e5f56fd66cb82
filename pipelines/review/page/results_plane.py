"""Where predictions lie in the valence-arousal plane, and the ways they take through it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from affectflow.figures import Svg, distribution, of_emotion, trajectory
from affectflow.figures.words import counted
from pipelines.review.page.parts import details, paragraph
from pipelines.review.page.results_evaluated import Evaluated, name_of
from pipelines.review.page.results_parts import capital, enumerated, explained, heading, stage_name
from pipelines.review.page.results_timelines import problems_of
from pipelines.review.page.results_votes import Emotion, emotions
from pipelines.review.predictions import VideoPredictions

MOST_PATHS = 6
_FIRST = ("joy", "anger", "sadness", "surprise", "fear", "disgust")
"""The emotions that are shown before others."""
_OPEN = ("joy", "anger")
"""Those that paper 1 shows all videos of."""

_ONE_PATH = (
    "The way of a video through the plane: valence to the right, arousal upwards. Blue is its "
    "start, orange its end; marks grow with time. The crosses are the points of emotions; the "
    "nearest one is what a frame is named."
)
_ALL_PATHS = (
    "Each figure has every video of one emotion: blue is the start, orange the end, a ring the "
    "last frame. The rings of a good model lie around the emotion's own cross."
)
_DISTRIBUTION = (
    "A panel an emotion. Discs are predictions of {samples} that were named rightly, crosses of "
    "those named wrongly; the plus is the emotion's own point. Crosses far from it show whereto "
    "the model strays."
)


def body_of(evaluated: Evaluated) -> str:
    """The section's body; of videos without emotions one path."""
    if len(evaluated.outputs) < 2:
        return paragraph(f"Only {evaluated.outputs[0]} is predicted: there is no plane.")
    found = emotions(evaluated)
    body = paragraph(f"Predictions of the stage “{stage_name(evaluated.stage)}”.")
    body += problems_of(evaluated.predictions)
    return body + (_of_emotions(evaluated, found) if found else _of_one_video(evaluated))


def _of_one_video(evaluated: Evaluated) -> str:
    videos = evaluated.predictions.videos
    # The median one stands for the others better than the best does.
    order = sorted(evaluated.chosen, key=lambda choice: choice.place != "median")
    there = [choice for choice in order if name_of(choice.row) in videos]
    if not there:
        return paragraph("There are no predictions to be drawn.")
    choice, video = there[0], videos[name_of(there[0].row)]
    body = heading(f"{capital(choice.place)} video: {choice.row.name} ({choice.by})")
    return body + explained(_ONE_PATH, partial(_path, video, evaluated.stage, "plane-path"))


def _path(video: VideoPredictions, stage: str, figure_id: str) -> Svg:
    point = video.predicted.get(stage, {})
    nothing = np.full(len(video.frames), np.nan)
    return trajectory(
        point.get("valence", nothing),
        point.get("arousal", nothing),
        video.frames,
        unit="frame",
        video=video.name.video_id,
        figure_id=figure_id,
    )


def _of_emotions(evaluated: Evaluated, found: Sequence[Emotion]) -> str:
    by_emotion: dict[str, list[Emotion]] = {}
    for one in found:
        by_emotion.setdefault(one.true, []).append(one)
    ranked = list(dict.fromkeys([*_FIRST, *evaluated.expressions, *sorted(by_emotion)]))
    order = sorted(by_emotion, key=ranked.index)
    return (
        _distribution(evaluated, found, order)
        + _paths(evaluated, [by_emotion[name][0] for name in order])
        + _all_paths({name: by_emotion[name] for name in order})
    )


def _distribution(evaluated: Evaluated, found: Sequence[Emotion], order: Sequence[str]) -> str:
    ordered = sorted(found, key=lambda one: order.index(one.true))
    names = np.concatenate([np.full(one.counted.sum(), one.true, object) for one in ordered])
    valence, arousal, right = (
        np.concatenate([values[one.counted] for one, values in zip(ordered, columns)])
        for columns in (
            [one.valence for one in ordered],
            [one.arousal for one in ordered],
            [one.right for one in ordered],
        )
    )
    samples = "videos" if evaluated.votes else "frames"
    said = "A point is a frame that has a true emotion"
    said += ", right or wrong as the vote of its video is." if evaluated.votes else "."
    return (
        heading("Right and wrong")
        + paragraph(said)
        + explained(
            _DISTRIBUTION.format(samples=samples),
            lambda: distribution(names, valence, arousal, right, figure_id="plane-distribution"),
        )
    )


def _paths(evaluated: Evaluated, firsts: Sequence[Emotion]) -> str:
    shown = firsts[:MOST_PATHS]
    body = heading("One video of each emotion")
    said = "Of each emotion the first video by name, whether it is right or wrong."
    if left := [one.true for one in firsts[MOST_PATHS:]]:
        said += f" Not shown: {enumerated(left)}."
    body += paragraph(said) + paragraph(_ONE_PATH)
    for at, one in enumerate(shown):
        named = f"named {one.predicted}" if one.predicted else "not named"
        body += heading(f"{capital(one.true)}, {named}: {one.video.name.video_id}", 4)
        body += explained("", partial(_path, one.video, evaluated.stage, f"plane-path-{at}"))
    return body


def _all_paths(by_emotion: dict[str, list[Emotion]]) -> str:
    body = heading("All videos of an emotion") + paragraph(_ALL_PATHS)
    unfolded = [name for name in _OPEN if name in by_emotion] or list(by_emotion)[:1]
    for at, (name, found) in enumerate(by_emotion.items()):
        drawn = explained("", partial(_all_of, name, found, f"plane-all-{at}"))
        if name in unfolded:
            body += drawn
        else:
            body += details(f"{capital(name)}: {counted(len(found), 'video')}", drawn)
    return body


def _all_of(name: str, found: Sequence[Emotion], figure_id: str) -> Svg:
    # Names may occur in two corpora; a figure needs each once and shows none.
    videos = {f"{at}": (one.valence, one.arousal) for at, one in enumerate(found)}
    return of_emotion(name, videos, figure_id=figure_id)
