"""FER2013 as it is distributed: one table, a grey image of 48x48 a row.

``fer2013.csv`` with the columns ``emotion`` (0 angry, 1 disgust, 2 fear, 3 happy, 4 sad,
5 surprise, 6 neutral), ``pixels`` and ``Usage``. Everybody is there with ``clips`` images of each
expression; people of the validation set are in ``PublicTest`` and ``PrivateTest`` by turns, so
nobody is in two usages. Rows are in a random order.
"""

from __future__ import annotations

import os
from pathlib import Path

from affectflow.synth import sitting
from affectflow.synth.atomic import scratch_path, write_text
from affectflow.synth.crops import box_crop
from affectflow.synth.draw import generator
from affectflow.synth.photograph import Photograph
from affectflow.synth.readme import write_readme
from affectflow.synth.settings import SynthSettings
from affectflow.synth.sitting import SittingScript, grey
from affectflow.synth.wild import count, rank, snapshots

SIZE = 48
EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
TABLE = "fer2013.csv"

# Rows wait here until everybody's are there.
_PARTS = ".parts"


def plan(settings: SynthSettings) -> list[SittingScript]:
    """A script a person."""
    return [
        SittingScript(
            f"person-{subject:05d}", subject, count(settings, EMOTIONS),
            str(Path(_PARTS, f"{subject:05d}.csv")),
        )
        for subject in range(settings.subjects)
    ]  # fmt: skip


def is_written(out: Path, script: SittingScript) -> bool:
    """Whether the person's rows are there, or the whole table is."""
    return (out / TABLE).exists() or sitting.is_written(out, script)


def write(
    out: Path, settings: SynthSettings, script: SittingScript, photograph: Photograph
) -> None:
    """Renders a person's rows."""
    usage = _usage(settings, script.subject)
    rows = []
    for shot in snapshots(settings, script.subject, EMOTIONS, photograph):
        # Nobody centred the faces but a program that searched for them.
        rng = generator(settings.seed, "fer2013", script.subject, shot.number)
        x, y = rng.normal(0, 0.02, 2)
        wide = float(rng.uniform(0.95, 1.1))
        image = box_crop(grey(shot.frame), shot.five, SIZE, wide, (float(x), float(y)))
        pixels = " ".join(map(str, image.ravel().tolist()))
        rows.append(f"{EMOTIONS.index(shot.expression)},{pixels},{usage}\n")
    write_text(out / script.last, "".join(rows))


def finish(out: Path, settings: SynthSettings, scripts: list[SittingScript]) -> None:
    """Joins the rows to the table, once all of them are there, and writes ``README.txt``."""
    write_readme(out, settings, "FER2013")
    table, parts = out / TABLE, out / _PARTS
    if not table.exists():
        rows = [
            row for script in scripts for row in (out / script.last).read_text().splitlines(True)
        ]
        order = generator(settings.seed, "fer2013").permutation(len(rows))
        with scratch_path(table) as scratch:
            with scratch.open("w", encoding="ascii", newline="\n") as file:
                file.write("emotion,pixels,Usage\n")
                file.writelines(rows[index] for index in order)
            os.replace(scratch, table)
    for script in scripts:
        (out / script.last).unlink(missing_ok=True)
    if parts.exists():
        parts.rmdir()


def _usage(settings: SynthSettings, subject: int) -> str:
    if not settings.in_eval(subject):
        return "Training"
    return ("PublicTest", "PrivateTest")[rank(settings, subject) % 2]
