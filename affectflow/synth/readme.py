"""The README.txt that says of every rendered corpus what it is."""

from __future__ import annotations

import textwrap
from pathlib import Path

from affectflow.synth.atomic import write_text
from affectflow.synth.settings import SynthSettings

DEMOGRAPHICS = """\
Gender, race and age are parameters of the renderer, not people: a complexion, a few proportions of
one photograph, hair, beard and lines, drawn from the seed. They are there so that a model that is
asked for them has something to learn. They say nothing about how anybody looks."""


def write_readme(out: Path, settings: SynthSettings, corpus: str, *more: str) -> None:
    """Writes ``README.txt``; ``corpus`` is the real one's name, ``more`` are paragraphs."""
    paragraphs = [
        "These files are RENDERED. No person was filmed, photographed or recorded.",
        'Every face is scikit-image\'s photograph "astronaut" (NASA, public domain), warped and '
        "recoloured by affectflow; expressions are displacements of it, and voices are a tone "
        f"without words. Folders, names and labels are those of {corpus}, so that what reads "
        f"{corpus} reads this. Results on these files say that a system works. They say nothing "
        "about real faces.",
        *more,
        f"seed {settings.seed}, {settings.subjects} subjects. The same settings render the same "
        "files (with the same versions of ffmpeg, OpenCV and NumPy).",
    ]
    text = "\n\n".join(textwrap.fill(" ".join(part.split()), 100) for part in paragraphs)
    write_text(out / "README.txt", text + "\n")
