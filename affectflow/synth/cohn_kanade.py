"""The sequences of CK+, which both of its distributions show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from affectflow.synth.demographics import Demographics, draw_somebody
from affectflow.synth.draw import generator
from affectflow.synth.photograph import Array, Photograph
from affectflow.synth.pose import draw_motion
from affectflow.synth.posed import draw_posed
from affectflow.synth.settings import SynthSettings
from affectflow.synth.sitting import Sitting
from affectflow.synth.stage import draw_studio
from affectflow.synth.subject import Subject

EMOTIONS = ("anger", "contempt", "disgust", "fear", "joy", "sadness", "surprise")
"""In the order of CK+'s numbers, which begin at 1."""

_FPS = 30
_FIRST = 5  # CK+'s first subject with an emotion is S005
_LENGTHS = (10, 14)


@dataclass(frozen=True)
class Sequence:
    """A person going from a neutral face to the peak of an expression.

    Attributes:
        subject: number of the person; ``session`` counts from 1.
        expression: what is posed.
        labelled: whether there is an emotion file; without one the expression is a faint one.
        frames: how many images.
    """

    subject: int
    session: int
    expression: str
    labelled: bool
    frames: int

    def name(self, frame: int) -> str:
        """Of a frame (from 1) without ending, e.g. ``S005_001_00000001``."""
        return f"{subject_name(self.subject)}_{self.session:03d}_{frame:08d}"


def subject_name(subject: int) -> str:
    """CK+'s name of a person, e.g. ``S005`` of the first."""
    return f"S{_FIRST + subject:03d}"


def sequences(settings: SynthSettings, subject: int) -> list[Sequence]:
    """Each emotion ``clips`` times and one sequence without a label, in a random order."""
    rng = generator(settings.seed, "cohn-kanade", subject)
    posed = [(emotion, True) for emotion in EMOTIONS for _ in range(settings.clips)]
    # Of the real sequences nearly half fit no prototype.
    posed.append((EMOTIONS[int(rng.integers(len(EMOTIONS)))], False))
    found = []
    for session, index in enumerate(rng.permutation(len(posed)), start=1):
        expression, labelled = posed[index]
        frames = int(rng.integers(_LENGTHS[0], _LENGTHS[1] + 1))
        found.append(Sequence(subject, session, expression, labelled, frames))
    return found


def play(
    settings: SynthSettings, subject: int, photograph: Photograph, peak_only: int = 0
) -> Iterator[tuple[Sequence, int, Array, Array]]:
    """The frames of a person's sequences: sequence, frame number from 1, RGB, five points.

    Frames are ``settings.size`` high and 640 : 490 wide.

    Args:
        peak_only: the last so many of the labelled sequences; 0: all frames of all sequences.
    """
    width = round(settings.size * 640 / 490 / 2) * 2
    person = _somebody(settings.seed, subject)
    for sequence in sequences(settings, subject):
        if peak_only and not sequence.labelled:
            continue
        name = sequence.name(1)
        rng = generator(settings.seed, "cohn-kanade", name)
        stage = draw_studio(rng, width, settings.size, (150, 155, 165), person.skin[0])
        sitting = Sitting(photograph, person, settings.seed, name, stage)
        peak = (sequence.frames - 1) / _FPS
        intensity = rng.uniform(0.85, 1.1) if sequence.labelled else rng.uniform(0.2, 0.45)
        acting = draw_posed(rng, sequence.expression, peak, float(intensity), (0.0, peak))
        motion = draw_motion(rng, peak, width / settings.size / 2, 0.0042, sway=0.4)
        first = sequence.frames - peak_only if peak_only else 0
        times = [index / _FPS for index in range(first, sequence.frames)]
        shots = sitting.pictures(acting, motion, times)
        for number, (frame, five) in enumerate(shots, start=first + 1):
            yield sequence, number, frame, five


def _somebody(seed: int, subject: int) -> Subject:
    """A student of the nineties: 18 to 50 years old, without glasses, which nobody there wears
    (and which Haar's cascade takes for no face)."""
    rng = generator(seed, "cohn-kanade", "somebody", subject)
    # Lucey et al. 2010: 69 % women; 81 % Euro-American, 13 % Afro-American, 6 % others.
    gender = "female" if rng.random() < 0.69 else "male"
    race = ("caucasian", "african_american", "asian")[rng.choice(3, p=(0.81, 0.13, 0.06))]
    who = Demographics(gender, race, int(rng.integers(18, 51)))
    return replace(draw_somebody(seed, subject, who), glasses=0.0)
