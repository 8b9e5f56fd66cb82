"""JAFFE as its owners ship it: grey images of 256x256, all that is known in their names.

``KA.AN1.39.tiff``: a woman, an emotion (AN DI FE HA NE SA SU) with the number of the pose, a
running number. Everybody poses every emotion ``clips`` times.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from string import ascii_uppercase

from affectflow.errors import InputError
from affectflow.synth.demographics import Demographics, draw_somebody
from affectflow.synth.draw import generator
from affectflow.synth.photograph import Photograph
from affectflow.synth.pose import draw_motion
from affectflow.synth.posed import draw_posed
from affectflow.synth.readme import DEMOGRAPHICS, write_readme
from affectflow.synth.settings import SynthSettings
from affectflow.synth.sitting import Sitting, SittingScript, grey, is_written, write_picture
from affectflow.synth.stage import draw_studio

__all__ = ["finish", "is_written", "plan", "write"]

SIZE = 256
EMOTIONS = {
    "AN": "anger", "DI": "disgust", "FE": "fear", "HA": "joy", "NE": "neutral", "SA": "sadness",
    "SU": "surprise",
}  # fmt: skip

_REAL = ("KA", "KL", "KM", "KR", "MK", "NA", "NM", "TM", "UY", "YM")
_OTHERS = [a + b for a, b in product(ascii_uppercase, repeat=2) if a + b not in _REAL]
INITIALS = (*_REAL, *_OTHERS)


def plan(settings: SynthSettings) -> list[SittingScript]:
    """A script a person.

    Raises:
        InputError: there are more people than two letters can name.
    """
    if settings.subjects > len(INITIALS):
        raise InputError(f"jaffe names people by two letters: at most {len(INITIALS)} subjects")
    return [
        SittingScript(INITIALS[subject], subject, len(names), names[-1])
        for subject in range(settings.subjects)
        for names in [_names(settings, subject)]
    ]


def _names(settings: SynthSettings, subject: int) -> list[str]:
    """The files of a person, by emotion, then pose."""
    first = 1 + subject * len(EMOTIONS) * settings.clips
    poses = product(EMOTIONS, range(1, settings.clips + 1))
    return [
        f"{INITIALS[subject]}.{emotion}{pose}.{number}.tiff"
        for number, (emotion, pose) in enumerate(poses, start=first)
    ]


def write(
    out: Path, settings: SynthSettings, script: SittingScript, photograph: Photograph
) -> None:
    """Renders a person's images."""
    rng = generator(settings.seed, "jaffe", script.name)
    who = Demographics("female", "asian", int(rng.integers(20, 36)))
    person = draw_somebody(settings.seed, script.subject, who)
    stage = draw_studio(rng, SIZE, SIZE, (140, 140, 140), person.skin[0])
    sitting = Sitting(photograph, person, settings.seed, script.name, stage)
    for name in _names(settings, script.subject):
        emotion = EMOTIONS[name.split(".")[1][:2]]
        rng = generator(settings.seed, "jaffe", name)
        acting = draw_posed(rng, emotion, 0.0, float(rng.uniform(0.75, 1.1)))
        motion = draw_motion(rng, 0.0, 0.5, 0.0052, sway=0.4)
        for frame, _ in sitting.pictures(acting, motion, [0.0]):
            write_picture(out / name, grey(frame))


def finish(out: Path, settings: SynthSettings, scripts: list[SittingScript]) -> None:
    """Writes ``README.txt``."""
    write_readme(out, settings, "JAFFE", DEMOGRAPHICS)
