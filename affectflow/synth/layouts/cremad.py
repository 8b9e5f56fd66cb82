"""CREMA-D as its owners ship it: Flash videos at 30 frames/s with sound, and a table of actors.

``VideoFlash/1001_DFA_ANG_XX.flv``: actor, sentence, emotion, level; ``VideoDemographics.csv`` with
the columns ActorID, Age, Sex, Race and Ethnicity. Each actor says twelve sentences in an emotion,
``IEO`` at three levels (but for neutral); ``clips`` says how many of those 14 there are, in the
order of ``TAKES``.

A video has about ``seconds`` times 30 frames (2.5 s: 75). Of 13 videos one has 0.4 and one 1.6
times as many, and of 61 one has 2.1 times, so that at 2.5 s paper 4's rules for less than 35, more
than 110 and more than 150 frames have something to work on.
"""

from __future__ import annotations

from pathlib import Path

from affectflow.synth.atomic import write_text
from affectflow.synth.demographics import Demographics, draw_demographics
from affectflow.synth.draw import generator
from affectflow.synth.filming import PosedScript, is_written, posed_clip, write
from affectflow.synth.readme import DEMOGRAPHICS, write_readme
from affectflow.synth.settings import SynthSettings

__all__ = ["finish", "is_written", "plan", "write"]

FPS = 30
EMOTIONS = {
    "ANG": "anger", "DIS": "disgust", "FEA": "fear", "HAP": "joy", "NEU": "neutral",
    "SAD": "sadness",
}  # fmt: skip
LEVELS = {"XX": 0.9, "LO": 0.55, "MD": 0.8, "HI": 1.1}
TAKES = (
    ("DFA", "XX"), ("IEO", "HI"), ("IEO", "MD"), ("IEO", "LO"), ("IOM", "XX"), ("ITH", "XX"),
    ("ITS", "XX"), ("IWL", "XX"), ("IWW", "XX"), ("MTI", "XX"), ("TAI", "XX"), ("TIE", "XX"),
    ("TSI", "XX"), ("WSI", "XX"),
)  # fmt: skip
"""Sentence and level. Neutral has no levels: of ``IEO`` there is one video."""

_FIRST = 1001
_RACES = {"caucasian": "Caucasian", "african_american": "African American", "asian": "Asian"}
_WALL = (96, 150, 104)  # they sat before a green screen


def plan(settings: SynthSettings) -> list[PosedScript]:
    """The first ``clips`` takes of each emotion by each actor."""
    scripts: list[PosedScript] = []
    for subject in range(settings.subjects):
        for sentence, level in TAKES[: settings.clips]:
            for emotion in EMOTIONS:
                neutral = emotion == "NEU"
                if neutral and level in ("MD", "LO"):
                    continue
                name = f"{_FIRST + subject}_{sentence}_{emotion}_{'XX' if neutral else level}"
                intensity = LEVELS[level]
                scripts.append(
                    _script(settings, subject, name, EMOTIONS[emotion], intensity, len(scripts))
                )
    return scripts


def _script(
    settings: SynthSettings, subject: int, name: str, expression: str, intensity: float, index: int
) -> PosedScript:
    rng = generator(settings.seed, "script", name)
    share = 2.1 if index % 61 == 31 else 0.4 if index % 13 == 5 else 1.6 if index % 13 == 9 else 1.0
    frames = max(12, round(settings.seconds * FPS * share * rng.uniform(0.92, 1.08)))
    seconds = frames / FPS
    return PosedScript(
        clip=posed_clip(settings, name, subject, FPS, frames),
        path=f"VideoFlash/{name}.flv",
        expression=expression,
        intensity=intensity * float(rng.uniform(0.9, 1.1)),
        onset=(0.0, min(0.6, 0.25 * seconds)),
        speaks=(0.12 * seconds, 0.88 * seconds),
        who=_actor(settings, subject),
        wall=_WALL,
    )


def _actor(settings: SynthSettings, subject: int) -> Demographics:
    """Men and women by turns, from 20 to 74 years old."""
    race = draw_demographics(settings.seed, subject).race
    years = int(generator(settings.seed, "years", subject).integers(20, 75))
    return Demographics(("male", "female")[subject % 2], race, years)


def finish(out: Path, settings: SynthSettings, scripts: list[PosedScript]) -> None:
    """Writes the table of actors and ``README.txt``."""
    rows = ["ActorID,Age,Sex,Race,Ethnicity"]
    for subject in range(settings.subjects):
        who = _actor(settings, subject)
        race = _RACES[who.race]
        rows.append(f"{_FIRST + subject},{who.years},{who.gender.title()},{race},Not Hispanic")
    write_text(out / "VideoDemographics.csv", "\n".join(rows) + "\n")
    write_readme(out, settings, "CREMA-D", DEMOGRAPHICS)
