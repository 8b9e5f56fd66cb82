"""ADFES as its owners ship it, its face-forward videos: MPEG-2 at 25 frames/s, without sound.

``F01-Anger-Face Forward.mpeg``: a model, an emotion, the view. From a neutral face to the emotion,
which is then held for at least the last 50 frames. Models are F01, M01, F02, … (the real set has
F01 to F10 and M01 to M12), by turns of a North-European and a Mediterranean complexion.
"""

from __future__ import annotations

from pathlib import Path

from affectflow.errors import InputError
from affectflow.synth.demographics import Demographics
from affectflow.synth.draw import generator
from affectflow.synth.filming import PosedScript, is_written, posed_clip, write
from affectflow.synth.readme import DEMOGRAPHICS, write_readme
from affectflow.synth.settings import SynthSettings

__all__ = ["finish", "is_written", "plan", "write"]

FPS = 25
SHORTEST = 60  # frames: the last 50 show the emotion
HELD = 50
EMOTIONS = {
    "Anger": "anger", "Contempt": "contempt", "Disgust": "disgust", "Embarrass": "embarrassment",
    "Fear": "fear", "Joy": "joy", "Neutral": "neutral", "Pride": "pride", "Sadness": "sadness",
    "Surprise": "surprise",
}  # fmt: skip

_MOST = 198  # models: two digits each for women and men
_WALL = (176, 184, 190)


def plan(settings: SynthSettings) -> list[PosedScript]:
    """A video of each emotion by each model.

    Raises:
        InputError: there are more models than the names can hold.
    """
    if settings.subjects > _MOST:
        raise InputError(f"adfes numbers models with two digits: at most {_MOST} subjects")
    return [
        _script(settings, subject, emotion)
        for subject in range(settings.subjects)
        for emotion in EMOTIONS
    ]


def _script(settings: SynthSettings, subject: int, emotion: str) -> PosedScript:
    name = f"{'FM'[subject % 2]}{subject // 2 + 1:02d}-{emotion}-Face Forward"
    rng = generator(settings.seed, "script", name)
    frames = max(SHORTEST, round(settings.seconds * FPS)) + int(rng.integers(0, 10))
    # Half a second of neutral face and a second of onset, where the length allows.
    end = min(1.5, (frames - HELD - 1) / FPS)
    years = int(generator(settings.seed, "years", subject).integers(18, 26))
    complexion = ("north_european", "mediterranean")[subject // 2 % 2]
    return PosedScript(
        clip=posed_clip(settings, name, subject, FPS, frames),
        path=f"{name}.mpeg",
        expression=EMOTIONS[emotion],
        intensity=float(rng.uniform(0.85, 1.1)),
        onset=(end / 3, end),
        who=Demographics(("female", "male")[subject % 2], complexion, years),
        wall=_WALL,
        silent=True,
    )


def finish(out: Path, settings: SynthSettings, scripts: list[PosedScript]) -> None:
    """Writes ``README.txt``."""
    write_readme(out, settings, "ADFES", DEMOGRAPHICS)
