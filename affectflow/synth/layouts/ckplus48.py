"""CK+48 as it is on Kaggle: faces cut from CK+, 48x48 grey, in a folder an emotion.

``anger/S010_004_00000017.png``: the last three images of every labelled sequence. With equal
settings people and poses are those of the layout ``ckplus``.
"""

from __future__ import annotations

from pathlib import Path

from affectflow.synth.cohn_kanade import Sequence, play, sequences, subject_name
from affectflow.synth.crops import box_crop
from affectflow.synth.photograph import Photograph
from affectflow.synth.readme import write_readme
from affectflow.synth.settings import SynthSettings
from affectflow.synth.sitting import SittingScript, grey, is_written, write_picture

__all__ = ["finish", "is_written", "plan", "write"]

SIZE = 48
PEAK = 3

_FOLDERS = {"joy": "happy"}


def plan(settings: SynthSettings) -> list[SittingScript]:
    """A script a person."""
    scripts = []
    for subject in range(settings.subjects):
        labelled = [one for one in sequences(settings, subject) if one.labelled]
        last = str(_path(labelled[-1], labelled[-1].frames))
        name = subject_name(subject)
        scripts.append(SittingScript(name, subject, PEAK * len(labelled), last))
    return scripts


def write(
    out: Path, settings: SynthSettings, script: SittingScript, photograph: Photograph
) -> None:
    """Renders a person's images."""
    for sequence, number, frame, five in play(settings, script.subject, photograph, PEAK):
        write_picture(out / _path(sequence, number), box_crop(grey(frame), five, SIZE))


def finish(out: Path, settings: SynthSettings, scripts: list[SittingScript]) -> None:
    """Writes ``README.txt``."""
    write_readme(out, settings, "CK+48")


def _path(sequence: Sequence, number: int) -> Path:
    folder = _FOLDERS.get(sequence.expression, sequence.expression)
    return Path(folder, f"{sequence.name(number)}.png")
