"""From people's crops to their valence and arousal, block by block, state carried between blocks.

A run is one person in consecutive frames of one shot, as in training: after a frame without the
person, and after a cut, the sequence model begins anew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from affectflow.metrics.smoothing import RunSmoother
from affectflow.models.released import ReleasedModel
from affectflow.plane import LABELS
from affectflow.predict.people import SeenFrame, SeenPerson
from affectflow.predict.rows import FramePrediction, PersonPrediction
from affectflow.records.features import gap_free_runs

BLOCK = 32
"""Crops a call of the network. More are no faster on two cores and hold more frames back."""

_FRAMES_A_CROP = 2

Predicted = tuple[FramePrediction, "np.ndarray | None"]


def blocks(
    frames: Generator[SeenFrame, None, None], crops: int = BLOCK
) -> Generator[list[SeenFrame], None, None]:
    """Consecutive frames with together at least ``crops`` crops, or a few more frames than that."""
    block: list[SeenFrame] = []
    held = 0
    try:
        for frame in frames:
            block.append(frame)
            held += len(frame.people)
            # Frames without a face are nothing to wait for, either.
            if held >= crops or len(block) >= crops * _FRAMES_A_CROP:
                yield block
                block, held = [], 0
        if block:
            yield block
    finally:
        frames.close()


@dataclass(eq=False)
class _Sighting:
    """A person in a frame, and the values [outputs] once they are settled."""

    person: SeenPerson
    values: np.ndarray | None = None


class _Seen(NamedTuple):
    """A sighting in a block: where it is in the video, and its row of the block's features."""

    frame: int
    shot: int
    sighting: _Sighting
    row: int


class _Run:
    """One person's run: its state, and the sightings whose values smoothing still holds back."""

    def __init__(self, model: ReleasedModel, smooth_radius: int, shot: int):
        self.last_frame = -1
        self.shot = shot
        self._model = model
        self._state = model.begin_run()
        self._smoother = RunSmoother(smooth_radius)
        self._waiting: deque[_Sighting] = deque()

    def add(self, sightings: list[_Sighting], features: np.ndarray) -> None:
        """Reads the next frames of the run, float32 [T, D]."""
        values, self._state = self._model.stream_outputs(features, self._state)
        self._waiting.extend(sightings)
        self._settle(self._smoother.add(values))

    def end(self) -> None:
        """Settles what is left."""
        left = self._smoother.end()
        if left is not None:
            self._settle(left)

    def _settle(self, values: np.ndarray) -> None:
        for row in values:
            self._waiting.popleft().values = row


class Reader:
    """Reads blocks of frames in order; gives every frame back with its people's values.

    Args:
        model: the release's.
        smooth_radius: frames on either side over which values are averaged; a frame is given back
            that much later.
    """

    def __init__(self, model: ReleasedModel, smooth_radius: int):
        self._model = model
        self._radius = smooth_radius
        self._runs: dict[int, _Run] = {}
        self._pending: deque[tuple[SeenFrame, list[_Sighting]]] = deque()

    def add(self, block: list[SeenFrame]) -> Iterator[Predicted]:
        """Takes the next frames; gives those that are settled, in order."""
        by_person: dict[int, list[_Seen]] = {}
        crops: list[bytes] = []
        for frame in block:
            sightings = [_Sighting(person) for person in frame.people]
            self._pending.append((frame, sightings))
            for sighting in sightings:
                number = sighting.person.number
                seen = _Seen(frame.index, frame.shot, sighting, len(crops))
                by_person.setdefault(number, []).append(seen)
                crops.append(sighting.person.crop)
        if crops:
            features = self._model.features(np.array(crops, object))
            for number, sightings_of in by_person.items():
                self._read(number, sightings_of, features)
        for number in [n for n, run in self._runs.items() if run.last_frame < block[-1].index]:
            self._runs.pop(number).end()
        yield from self._settled()

    def end(self) -> Iterator[Predicted]:
        """The frames that are left when the video has ended."""
        for run in self._runs.values():
            run.end()
        self._runs.clear()
        yield from self._settled()

    def _read(self, number: int, seen: list[_Seen], features: np.ndarray) -> None:
        """One person's sightings in a block, and the features of all."""
        index = np.array([(one.frame, one.shot) for one in seen], np.int64)
        for part in gap_free_runs(*index.T):
            first, last = seen[part][0], seen[part][-1]
            run = self._runs.get(number)
            if run is None or (run.last_frame + 1, run.shot) != (first.frame, first.shot):
                if run is not None:
                    run.end()
                run = self._runs[number] = _Run(self._model, self._radius, first.shot)
            run.add([one.sighting for one in seen[part]], features[[one.row for one in seen[part]]])
            run.last_frame = last.frame

    def _settled(self) -> Iterator[Predicted]:
        while self._pending and all(s.values is not None for s in self._pending[0][1]):
            frame, sightings = self._pending.popleft()
            people = tuple(self._person(sighting) for sighting in sightings)
            yield (
                FramePrediction(frame.index, frame.second, frame.size, people, frame.shot),
                frame.rgb,
            )

    def _person(self, sighting: _Sighting) -> PersonPrediction:
        assert sighting.values is not None
        values = dict(zip(self._model.labels, sighting.values.tolist()))
        valence, arousal = (values.get(label, float("nan")) for label in LABELS)
        face = sighting.person.face
        return PersonPrediction(sighting.person.number, face.box, face.score, valence, arousal)
