"""Pictures of faces as the web has them: everybody anywhere, in any light, at any time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from affectflow.synth.demographics import Demographics, draw_demographics, draw_somebody
from affectflow.synth.draw import generator
from affectflow.synth.photograph import Array, Photograph
from affectflow.synth.pose import draw_motion
from affectflow.synth.posed import draw_posed
from affectflow.synth.settings import SynthSettings
from affectflow.synth.sitting import Sitting
from affectflow.synth.stage import draw_stage

INTENSITY = (0.5, 1.15)


@dataclass(frozen=True)
class Snapshot:
    """One picture.

    Attributes:
        expression: what is posed.
        number: of the picture among the person's, from 0.
        frame: uint8 RGB [size, 4/3 size, 3].
        five: [5, 2] pixels: eyes, nose tip, corners of the mouth, image left first.
    """

    expression: str
    number: int
    frame: Array
    five: Array


def somebody(settings: SynthSettings, subject: int) -> Demographics:
    """Who the person is."""
    return draw_demographics(settings.seed, subject)


def count(settings: SynthSettings, expressions: Sequence[str]) -> int:
    """How many pictures there are of a person."""
    return settings.clips * len(expressions)


def snapshots(
    settings: SynthSettings, subject: int, expressions: Sequence[str], photograph: Photograph
) -> Iterator[Snapshot]:
    """A person's pictures: ``clips`` places, in each of them every expression."""
    width = round(settings.size * 4 / 3 / 2) * 2
    person = draw_somebody(settings.seed, subject, somebody(settings, subject))
    for place in range(settings.clips):
        name = f"{subject}-{place}"
        stage = draw_stage(generator(settings.seed, "place", name), width, settings.size)
        sitting = Sitting(photograph, person, settings.seed, name, stage)
        for index, expression in enumerate(expressions):
            rng = generator(settings.seed, "snapshot", name, index)
            acting = draw_posed(rng, expression, 0.0, float(rng.uniform(*INTENSITY)))
            motion = draw_motion(rng, 0.0, width / settings.size / 2, 0.0042, sway=0.8)
            for frame, five in sitting.pictures(acting, motion, [0.0]):
                yield Snapshot(expression, place * len(expressions) + index, frame, five)


def rank(settings: SynthSettings, subject: int) -> int:
    """How many of the subjects before this one stand in the same set."""
    return _ranks(settings)[subject]


@lru_cache(maxsize=2)
def _ranks(settings: SynthSettings) -> tuple[int, ...]:
    before = {True: 0, False: 0}
    ranks = []
    for subject in range(settings.subjects):
        held_out = settings.in_eval(subject)
        ranks.append(before[held_out])
        before[held_out] += 1
    return tuple(ranks)
