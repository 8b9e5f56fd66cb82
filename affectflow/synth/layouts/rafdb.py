"""RAF-DB as its owners ship it (the folder ``basic``): faces of 100x100, lists, attributes.

``EmoLabel/list_patition_label.txt`` (so spelt) with lines ``train_00001.jpg 5``;
``Image/aligned/train_00001_aligned.jpg``; ``Annotation/manual/train_00001_manu_attri.txt`` with
five landmarks (eyes, nose, corners of the mouth, in pixels of the picture that the face was cut
from) and gender, race and age. Everybody is there with ``clips`` pictures of each of seven
expressions; people of the validation set are in ``test``.
"""

from __future__ import annotations

from pathlib import Path

from affectflow.synth.atomic import write_text
from affectflow.synth.crops import aligned_crop
from affectflow.synth.demographics import AGES, Demographics
from affectflow.synth.draw import generator
from affectflow.synth.photograph import Array, Photograph
from affectflow.synth.readme import DEMOGRAPHICS, write_readme
from affectflow.synth.settings import SynthSettings
from affectflow.synth.sitting import SittingScript, is_written, write_picture
from affectflow.synth.wild import count, rank, snapshots, somebody

__all__ = ["finish", "is_written", "plan", "write"]

SIZE = 100
EMOTIONS = ("surprise", "fear", "disgust", "joy", "sadness", "anger", "neutral")
"""In the order of RAF-DB's numbers, which begin at 1."""
GENDERS = ("male", "female", "unsure")
RACES = ("caucasian", "african_american", "asian")

# RAF-DB is levelled by landmarks that people and programs placed, so not wholly.
_TILT = 3.0


def plan(settings: SynthSettings) -> list[SittingScript]:
    """A script a person."""
    frames = count(settings, EMOTIONS)
    return [
        SittingScript(
            f"person-{subject:05d}", subject, frames,
            str(_image(_name(settings, subject, frames - 1))),
        )
        for subject in range(settings.subjects)
    ]  # fmt: skip


def write(
    out: Path, settings: SynthSettings, script: SittingScript, photograph: Photograph
) -> None:
    """Renders a person's pictures, the attributes of each before it."""
    who = somebody(settings, script.subject)
    for shot in snapshots(settings, script.subject, EMOTIONS, photograph):
        name = _name(settings, script.subject, shot.number)
        attributes = out / "Annotation" / "manual" / f"{name}_manu_attri.txt"
        write_text(attributes, _attributes(shot.five, who))
        tilt = generator(settings.seed, "tilt", script.subject, shot.number).normal(0, _TILT)
        write_picture(out / _image(name), aligned_crop(shot.frame, shot.five, SIZE, float(tilt)))


def finish(out: Path, settings: SynthSettings, scripts: list[SittingScript]) -> None:
    """Writes the list of labels and ``README.txt``."""
    lines = sorted(
        f"{_name(settings, subject, number)}.jpg {1 + number % len(EMOTIONS)}"
        for subject in range(settings.subjects)
        for number in range(count(settings, EMOTIONS))
    )
    lines.sort(key=lambda line: not line.startswith("train"))
    write_text(out / "EmoLabel" / "list_patition_label.txt", "\n".join(lines) + "\n")
    write_readme(out, settings, "RAF-DB", DEMOGRAPHICS)


def _name(settings: SynthSettings, subject: int, number: int) -> str:
    place = 1 + rank(settings, subject) * count(settings, EMOTIONS) + number
    return f"test_{place:04d}" if settings.in_eval(subject) else f"train_{place:05d}"


def _image(name: str) -> Path:
    return Path("Image", "aligned", f"{name}_aligned.jpg")


def _attributes(five: Array, who: Demographics) -> str:
    landmarks = "".join(f"{x:.3f}\t{y:.3f}\n" for x, y in five)
    codes = (GENDERS.index(who.gender), RACES.index(who.race), AGES.index(who.age))
    return landmarks + "".join(f"{code}\n" for code in codes)
