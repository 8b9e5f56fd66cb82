"""RAVDESS as its owners ship it, its speech with picture and sound: MP4 at 30 frames/s.

``Actor_01/01-01-03-01-01-01-01.mp4``: modality, channel, emotion, intensity, statement,
repetition, actor; actors with an odd number are men. Each emotion is there in two statements,
repetitions and intensities (neutral in one intensity); ``clips`` says how many of those 8 there
are, in the order of ``TAKES``.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

from affectflow.errors import InputError
from affectflow.synth.demographics import Demographics, draw_demographics
from affectflow.synth.draw import generator
from affectflow.synth.filming import PosedScript, is_written, posed_clip, write
from affectflow.synth.readme import DEMOGRAPHICS, write_readme
from affectflow.synth.settings import SynthSettings

__all__ = ["finish", "is_written", "plan", "write"]

FPS = 30
EMOTIONS = ("neutral", "calm", "joy", "sadness", "anger", "fear", "disgust", "surprise")
"""In the order of RAVDESS's numbers, which begin at 1."""
INTENSITIES = (0.85, 1.1)
TAKES = tuple(
    (intensity, statement, repetition)
    for repetition, intensity, statement in product((1, 2), (1, 2), (1, 2))
)

_MOST = 99
_WALL = (214, 214, 216)


def plan(settings: SynthSettings) -> list[PosedScript]:
    """The first ``clips`` takes of each emotion by each actor.

    Raises:
        InputError: there are more actors than two digits can name.
    """
    if settings.subjects > _MOST:
        raise InputError(f"ravdess numbers actors with two digits: at most {_MOST} subjects")
    return [
        _script(settings, subject, emotion, take)
        for subject in range(settings.subjects)
        for take in TAKES[: settings.clips]
        for emotion in EMOTIONS
        # Nobody is neutral strongly.
        if emotion != "neutral" or take[0] == 1
    ]


def _script(
    settings: SynthSettings, subject: int, emotion: str, take: tuple[int, int, int]
) -> PosedScript:
    intensity, statement, repetition = take
    actor = subject + 1
    name = (
        f"01-01-{EMOTIONS.index(emotion) + 1:02d}-{intensity:02d}-{statement:02d}-"
        f"{repetition:02d}-{actor:02d}"
    )
    rng = generator(settings.seed, "script", name)
    frames = max(12, round(settings.seconds * FPS * rng.uniform(0.9, 1.15)))
    seconds = frames / FPS
    who = Demographics(
        ("male", "female")[subject % 2],
        draw_demographics(settings.seed, subject).race,
        int(generator(settings.seed, "years", subject).integers(21, 34)),
    )
    return PosedScript(
        clip=posed_clip(settings, name, subject, FPS, frames),
        path=f"Actor_{actor:02d}/{name}.mp4",
        expression=emotion,
        intensity=INTENSITIES[intensity - 1] * float(rng.uniform(0.9, 1.1)),
        onset=(0.0, min(0.8, 0.25 * seconds)),
        speaks=(0.2 * seconds, 0.8 * seconds),
        who=who,
        wall=_WALL,
    )


def finish(out: Path, settings: SynthSettings, scripts: list[PosedScript]) -> None:
    """Writes ``README.txt``."""
    write_readme(out, settings, "RAVDESS", DEMOGRAPHICS)
