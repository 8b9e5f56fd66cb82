"""What is predicted of a frame, and how it is written: a row a face, and a row where there is none.

The columns of the CSV file and of the DataFrame:

=========  ==================================================================================
frame      0-based, decode order
second     presentation time from the start of the file; empty where the file has none
person     1, 2, … in the order of appearance; empty where no face is seen
x, y       upper left corner of the face's box, pixels of the upright frame as it is stored
           (as OpenCV reads it; a player may stretch anamorphic video)
w, h       its size, pixels
score      the detector's, in [0, 1]
valence    in about [-1, 1]; empty where no face is seen, or the release does not predict it
arousal    the same
emotion    the nearest of ``affectflow.emotions``; empty unless both are there
shot       0, 1, … a hard cut begins the next, and with it other people's numbers
=========  ==================================================================================
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from affectflow.emotions import nearest_emotion
from affectflow.faces.face import Box

COLUMNS = (
    "frame", "second", "person", "x", "y", "w", "h", "score", "valence", "arousal", "emotion",
    "shot",
)  # fmt: skip

Value = int | float | str | None


@dataclass(frozen=True)
class PersonPrediction:
    """One person in one frame.

    Attributes:
        person: from 1, in the order of appearance; None where nobody is seen and the values are
            filled between two people.
        box: x, y, width, height relative to the frame; None where the person is not seen and the
            values are filled.
        score: the detector's; NaN where the person is not seen.
        valence, arousal: NaN where the release does not predict it.
    """

    person: int | None
    box: Box | None
    score: float
    valence: float
    arousal: float

    @property
    def emotion(self) -> str:
        """The nearest emotion; "" unless both values are there."""
        return nearest_emotion(self.valence, self.arousal)


@dataclass(frozen=True)
class FramePrediction:
    """One decoded frame.

    Attributes:
        frame: 0-based, decode order.
        second: presentation time; NaN where the file has none.
        size: width and height of the upright video frame, pixels.
        people: in the order of their numbers; empty where no face is seen.
        shot: number of the shot, from 0.
    """

    frame: int
    second: float
    size: tuple[int, int]
    people: tuple[PersonPrediction, ...]
    shot: int = 0

    def rows(self) -> Iterator[tuple[Value, ...]]:
        """A value for each of COLUMNS, for each person, or once where there is nobody."""
        second = None if math.isnan(self.second) else round(self.second, 6)
        if not self.people:
            yield (self.frame, second, *[None] * (len(COLUMNS) - 3), self.shot)
        width, height = self.size
        for one in self.people:
            x, y, w, h = one.box or [math.nan] * 4
            numbers = (x * width, y * height, w * width, h * height)
            yield (
                self.frame, second, one.person, *(_rounded(number, 1) for number in numbers),
                _rounded(one.score, 4), _rounded(one.valence, 6), _rounded(one.arousal, 6),
                one.emotion or None, self.shot,
            )  # fmt: skip


def _rounded(value: float, digits: int) -> float | None:
    return None if math.isnan(value) else round(value, digits)
