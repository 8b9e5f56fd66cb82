"""AFEW as its owners ship it: cuts from films, AVI at 25 frames/s with sound.

``Train_AFEW/Angry/000046280.avi`` and ``Val_AFEW/…``, in the folders Angry, Disgust, Fear, Happy,
Neutral, Sad and Surprise. Everybody is there with ``clips`` videos of each expression, somewhere,
speaking; people of the validation set are in ``Val_AFEW``.
"""

from __future__ import annotations

from pathlib import Path

from affectflow.synth.draw import generator
from affectflow.synth.filming import PosedScript, is_written, posed_clip, write
from affectflow.synth.readme import write_readme
from affectflow.synth.settings import SynthSettings

__all__ = ["finish", "is_written", "plan", "write"]

FPS = 25
EMOTIONS = {
    "Angry": "anger", "Disgust": "disgust", "Fear": "fear", "Happy": "joy", "Neutral": "neutral",
    "Sad": "sadness", "Surprise": "surprise",
}  # fmt: skip

# Names are times in films: far apart, and not from 0.
_FIRST, _APART = 46280, 40


def plan(settings: SynthSettings) -> list[PosedScript]:
    """``clips`` videos of each emotion by each person."""
    return [
        _script(settings, subject, emotion, clip)
        for subject in range(settings.subjects)
        for clip in range(settings.clips)
        for emotion in EMOTIONS
    ]


def _script(settings: SynthSettings, subject: int, emotion: str, clip: int) -> PosedScript:
    index = (subject * settings.clips + clip) * len(EMOTIONS) + list(EMOTIONS).index(emotion)
    name = f"{_FIRST + _APART * index:09d}"
    rng = generator(settings.seed, "script", name)
    frames = max(12, round(settings.seconds * FPS * rng.uniform(0.6, 1.4)))
    seconds = frames / FPS
    folder = "Val_AFEW" if settings.in_eval(subject) else "Train_AFEW"
    return PosedScript(
        clip=posed_clip(settings, name, subject, FPS, frames),
        path=f"{folder}/{emotion}/{name}.avi",
        expression=EMOTIONS[emotion],
        intensity=float(rng.uniform(0.65, 1.1)),
        # A cut begins in the middle of what happens.
        onset=(-0.3, float(rng.uniform(0.0, 0.3)) * seconds),
        speaks=(0.1 * seconds, 0.9 * seconds),
    )


def finish(out: Path, settings: SynthSettings, scripts: list[PosedScript]) -> None:
    """Writes ``README.txt``."""
    write_readme(out, settings, "AFEW")
