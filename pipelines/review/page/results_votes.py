"""The emotion of each video: the true one, and the one that is predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from affectflow.corpora.classes import EXPRESSION
from affectflow.emotions import EMOTIONS
from affectflow.metrics import majority
from pipelines.review.page.results_evaluated import Evaluated
from pipelines.review.predictions import VideoPredictions


@dataclass(frozen=True)
class Emotion:
    """A video and its emotion.

    Attributes:
        video: as it was read.
        valence, arousal: float32 [n], predicted by the judged stage.
        true: the class that most of its labelled frames have.
        predicted: the class that most predictions at these frames say (Yin et al., paper 1, Sec.
            3.2); "" where there are none.
        counted: bool [n], the frames that have a true class and a prediction.
        right: bool [n], of those whether the sample is right: the video where it has one vote,
            else the frame.
    """

    video: VideoPredictions
    valence: np.ndarray
    arousal: np.ndarray
    true: str
    predicted: str
    counted: np.ndarray
    right: np.ndarray


def emotions(evaluated: Evaluated) -> list[Emotion]:
    """Every video that was read and has a measured emotion and a place in the plane, by name."""
    found = [
        _emotion(video, evaluated.stage, evaluated.expressions, evaluated.votes)
        for video in evaluated.predictions.videos.values()
    ]
    return [one for one in found if one is not None]


def _emotion(
    video: VideoPredictions, stage: str, measured: Sequence[str], votes: bool
) -> Emotion | None:
    point = video.predicted.get(stage, {})
    true = video.classes.get(EXPRESSION)
    if true is None or not {"valence", "arousal"} <= set(point):
        return None
    if measured:
        true = np.where(np.isin(true, measured), true, "")
    name = _majority(true[true != ""].tolist(), measured)
    if not name:
        return None
    said = video.named.get(stage, {}).get(EXPRESSION, np.full(len(true), "", object))
    counted = (true != "") & (said != "")
    predicted = _majority(said[counted].tolist(), measured)
    right = np.full(len(true), predicted == name) if votes else true == said
    return Emotion(
        video, point["valence"], point["arousal"], name, predicted, counted, counted & right
    )


def _majority(names: Sequence[str], measured: Sequence[str]) -> str:
    """As the gate votes: of equally frequent names the first, in its order, wins."""
    order = dict.fromkeys([*measured, *EMOTIONS, *sorted(set(names))])
    return majority(names, list(order))
