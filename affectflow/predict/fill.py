"""Values for frames in which no face is seen, by interpolation, where somebody asks for them.

Paper 0 fills missing predictions linearly, then forward and backward (the published code).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator

from affectflow.predict.rows import FramePrediction, PersonPrediction


def fill(predictions: Iterable[FramePrediction]) -> Iterator[FramePrediction]:
    """The same frames; those without a face get values between the frames before and after.

    Whoever is in both of these frames gets a value, linear by frame number. Where they have nobody
    in common the one value belongs to no person: between the first of the one and of the other.
    Before the first face and after the last the nearest values are held. Each shot is filled by
    itself, as if it were a video of its own; one without any face stays as it is. Boxes and scores
    are not made up, so a filled row has none.

    While nobody is seen, 16 bytes a frame are held back.
    """
    before: FramePrediction | None = None
    gap, shot = _Gap(), 0
    for prediction in predictions:
        if prediction.shot != shot:
            yield from gap.filled(before, None)
            before, gap, shot = None, _Gap(), prediction.shot
        if not prediction.people:
            gap.add(prediction)
            continue
        yield from gap.filled(before, prediction)
        gap = _Gap()
        before = prediction
        yield prediction
    yield from gap.filled(before, None)


class _Gap:
    """Consecutive frames of a shot without a face."""

    def __init__(self) -> None:
        self._frames = array("q")
        self._seconds = array("d")
        self._size, self._shot = (0, 0), 0

    def add(self, prediction: FramePrediction) -> None:
        self._frames.append(prediction.frame)
        self._seconds.append(prediction.second)
        self._size, self._shot = prediction.size, prediction.shot

    def filled(
        self, before: FramePrediction | None, after: FramePrediction | None
    ) -> Iterator[FramePrediction]:
        left, right = before or after, after or before
        for frame, second in zip(self._frames, self._seconds):
            people: tuple[PersonPrediction, ...] = ()
            if left is not None and right is not None:
                span = right.frame - left.frame
                share = (frame - left.frame) / span if span else 0.0
                people = tuple(_between(a, b, share) for a, b in _pairs(left, right))
            yield FramePrediction(frame, second, self._size, people, self._shot)


def _pairs(
    left: FramePrediction, right: FramePrediction
) -> list[tuple[PersonPrediction, PersonPrediction]]:
    others = {one.person: one for one in right.people}
    common = [(one, others[one.person]) for one in left.people if one.person in others]
    return common or [(left.people[0], right.people[0])]


def _between(left: PersonPrediction, right: PersonPrediction, share: float) -> PersonPrediction:
    person = left.person if left.person == right.person else None

    def mix(a: float, b: float) -> float:
        return math.nan if math.isnan(a) or math.isnan(b) else a + (b - a) * share

    return PersonPrediction(
        person, None, math.nan, mix(left.valence, right.valence), mix(left.arousal, right.arousal)
    )
