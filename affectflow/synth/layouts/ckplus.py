"""CK+ as its owners ship it: folders of images, and an emotion file for most of them.

``cohn-kanade-images/S005/001/S005_001_00000001.png``…, grey, from neutral to the peak;
``Emotion/S005/001/S005_001_00000011_emotion.txt`` beside the last image of a sequence that shows
an emotion. Each person poses each of seven emotions ``clips`` times in sequences of 10 to 14
images, and one faint expression that has no emotion file.
"""

from __future__ import annotations

from pathlib import Path

from affectflow.synth.atomic import write_text
from affectflow.synth.cohn_kanade import EMOTIONS, Sequence, play, sequences, subject_name
from affectflow.synth.photograph import Photograph
from affectflow.synth.readme import write_readme
from affectflow.synth.settings import SynthSettings
from affectflow.synth.sitting import SittingScript, grey, is_written, write_picture

__all__ = ["finish", "is_written", "plan", "write"]


def plan(settings: SynthSettings) -> list[SittingScript]:
    """A script a person."""
    scripts = []
    for subject in range(settings.subjects):
        posed = sequences(settings, subject)
        last = str(_image(posed[-1], posed[-1].frames))
        frames = sum(sequence.frames for sequence in posed)
        scripts.append(SittingScript(subject_name(subject), subject, frames, last))
    return scripts


def write(
    out: Path, settings: SynthSettings, script: SittingScript, photograph: Photograph
) -> None:
    """Renders a person's emotion files, then the images."""
    for sequence in sequences(settings, script.subject):
        if sequence.labelled:
            number = 1 + EMOTIONS.index(sequence.expression)
            write_text(out / _emotion(sequence), f"   {number}.0000000e+00\n")
    for sequence, number, frame, _ in play(settings, script.subject, photograph):
        write_picture(out / _image(sequence, number), grey(frame))


def finish(out: Path, settings: SynthSettings, scripts: list[SittingScript]) -> None:
    """Writes ``README.txt``."""
    write_readme(out, settings, "CK+")


def _folder(sequence: Sequence) -> Path:
    return Path(subject_name(sequence.subject), f"{sequence.session:03d}")


def _image(sequence: Sequence, number: int) -> Path:
    return "cohn-kanade-images" / _folder(sequence) / f"{sequence.name(number)}.png"


def _emotion(sequence: Sequence) -> Path:
    return "Emotion" / _folder(sequence) / f"{sequence.name(sequence.frames)}_emotion.txt"
