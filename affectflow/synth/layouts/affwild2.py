"""Aff-Wild2 as its owners ship it: batches of videos and one annotation file a person.

``videos/batch{1,2}/NAME.mp4``; ``annotations/VA_Set/{Train,Validation}_Set/NAME.txt`` with the
header ``valence,arousal``, one row a frame, -5 for not annotated; of a video with two people
``NAME_left.txt`` and ``NAME_right.txt``, or with the setting ``quirks``, as in the real corpus,
``NAME.txt`` and ``NAME_right.txt``, and some annotations a row too long; optionally
``cropped_aligned/NAME/%05d.jpg``, 1-based, frames with a face only. ``subjects.csv``
is ours: Aff-Wild2 does not say who is who.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import cv2
import numpy as np

from affectflow.faces.align import similarity
from affectflow.synth.atomic import scratch_path, write_text
from affectflow.synth.clip import ClipScript, Take
from affectflow.synth.crops import FIVE_POINTS
from affectflow.synth.draw import generator
from affectflow.synth.photograph import Array, Photograph
from affectflow.synth.settings import SynthSettings

NOT_ANNOTATED = -5.0
CROP = 112


def plan(settings: SynthSettings) -> list[ClipScript]:
    """Every subject's clips, then one clip of the first two subjects that share a set."""
    people = range(settings.subjects)
    scripts = [
        _script(
            settings, (subject,), f"{subject + 1:03d}-{clip + 1}", subject * settings.clips + clip
        )
        for subject in people
        for clip in range(settings.clips)
    ]
    for in_eval in (False, True):
        together = [subject for subject in people if settings.in_eval(subject) is in_eval][:2]
        if len(together) == 2:
            pair = (together[0], together[1])
            scripts.append(_script(settings, pair, f"{pair[0] + 1:03d}-{pair[1] + 1:03d}", 0))
            break
    return scripts


def _script(
    settings: SynthSettings, subjects: tuple[int, ...], stem: str, number: int
) -> ClipScript:
    wide = (4, 3) if len(subjects) == 1 else (16, 9)
    width = round(settings.size * wide[0] / wide[1] / 2) * 2
    name = f"{stem}-{width}x{settings.size}"
    rng = generator(settings.seed, "script", name)
    # By the clip's number, so that any corpus of a few clips has some of each kind.
    variable = number % 5 == 3
    leaves = number % 6 == 2
    ticks = tuple(range(max(2, round(settings.seconds * settings.fps))))
    away: tuple[tuple[float, float], ...] = ()
    if variable:
        ticks = _drop(ticks, settings.fps, rng)
    if leaves and settings.seconds >= 4:
        start = float(rng.uniform(0.3, 0.6) * settings.seconds)
        away = ((start, start + float(rng.uniform(0.08, 0.16) * settings.seconds)),)
    return ClipScript(
        name, settings.seed, subjects, width, settings.size, settings.fps, ticks, away
    )


def _drop(ticks: tuple[int, ...], fps: int, rng: np.random.Generator) -> tuple[int, ...]:
    """What a phone does in dim light: a frame is missing now and then, for a second every other."""
    keep = rng.random(len(ticks)) > 0.04
    slow = int(rng.integers(1, max(2, len(ticks) - fps)))
    keep[slow : slow + fps : 2] = False
    keep[0] = True
    return tuple(tick for tick, kept in zip(ticks, keep, strict=True) if kept)


def annotation_names(script: ClipScript, quirks: bool = False) -> list[str]:
    """The names of a clip's annotations, one a subject, from left to right."""
    if len(script.subjects) == 1:
        return [script.name]
    return [script.name if quirks else f"{script.name}_left", f"{script.name}_right"]


def video_path(out: Path, script: ClipScript) -> Path:
    """Where the clip's video lies."""
    batch = 1 + script.subjects[0] % 2
    return out / "videos" / f"batch{batch}" / f"{script.name}.mp4"


def is_written(out: Path, script: ClipScript) -> bool:
    """Whether the whole clip is there: its video is moved into place last."""
    return video_path(out, script).exists()


def write(out: Path, settings: SynthSettings, script: ClipScript, photograph: Photograph) -> None:
    """Renders one clip: annotations, crops where asked for, and the video."""
    take = Take(script, photograph)
    names = annotation_names(script, settings.quirks)
    too_long = settings.quirks and script.subjects[0] % 2 == 0
    folder = out / "annotations" / "VA_Set" / _set(settings, script)
    for person, name in enumerate(names):
        rows = _annotation(take.labels(person), _annotated(script, name))
        write_text(folder / f"{name}.txt", rows + (rows.splitlines()[-1] + "\n") * too_long)
    video = video_path(out, script)
    video.parent.mkdir(parents=True, exist_ok=True)
    crops = {name: out / "cropped_aligned" / name for name in names} if settings.cropped else {}
    for target in crops.values():
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
    present = script.present()

    def crop(index: int, frame: Array) -> None:
        for person, target in enumerate(crops.values()):
            if present[index]:
                _write_crop(target / f"{index + 1:05d}.jpg", frame, take, person, index)

    with scratch_path(video) as scratch:
        take.film(scratch, crop if crops else None)
        os.replace(scratch, video)


def _set(settings: SynthSettings, script: ClipScript) -> str:
    return "Validation_Set" if settings.in_eval(script.subjects[0]) else "Train_Set"


def _annotated(script: ClipScript, name: str) -> Array:
    """bool [frames]: a few stretches are not annotated; of an absence mostly nothing is."""
    rng = generator(script.seed, "annotated", name)
    annotated = np.ones(len(script.ticks), bool)
    if rng.random() < 0.8:
        annotated &= script.present()
    for _ in range(rng.integers(0, 3)):
        start = rng.uniform(0, script.seconds)
        annotated &= (script.times < start) | (script.times > start + rng.uniform(0.1, 0.6))
    return annotated


def _annotation(labels: Array, annotated: Array) -> str:
    rows = [
        f"{valence:.3f},{arousal:.3f}" if known else f"{NOT_ANNOTATED:.0f},{NOT_ANNOTATED:.0f}"
        for (valence, arousal), known in zip(labels, annotated, strict=True)
    ]
    return "\n".join(["valence,arousal", *rows]) + "\n"


def _write_crop(path: Path, frame: Array, take: Take, person: int, index: int) -> None:
    t = float(take.script.times[index])
    points = np.array([take.landmarks(person, t, part).mean(0) for part in FIVE_POINTS])
    if take.subjects[person].mirrored:
        points = points[[1, 0, 2, 4, 3]]
    matrix = similarity(points.astype(np.float32), CROP)
    face = cv2.warpAffine(frame, np.asarray(matrix), (CROP, CROP))
    path.write_bytes(
        cv2.imencode(".jpg", face[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])[1].tobytes()
    )


def finish(out: Path, settings: SynthSettings, scripts: list[ClipScript]) -> None:
    """Writes ``subjects.csv`` (video,subject) and ``README.txt``."""
    rows = [
        f"{name},S{subject:03d}"
        for script in scripts
        for name, subject in zip(
            annotation_names(script, settings.quirks), script.subjects, strict=True
        )
    ]
    write_text(out / "subjects.csv", "\n".join(["video,subject", *sorted(rows)]) + "\n")
    write_text(out / "README.txt", _README.format(settings=settings))


_README = """\
These videos are RENDERED. No person was filmed and nobody annotated anything.

Every face is scikit-image's photograph "astronaut" (NASA, public domain), warped and recoloured by
affectflow; expression, labels, head motion, rooms, light and sound are drawn from a seed.
The folders and annotation files are those of Aff-Wild2, so that what reads Aff-Wild2 reads this.
Results on these videos say that a system works. They say nothing about real faces.

seed {settings.seed}, {settings.subjects} subjects, {settings.clips} clips each, \
{settings.seconds:g} s at {settings.fps} frames/s, height {settings.size}.
The same settings render the same files (with the same versions of ffmpeg, OpenCV and NumPy).
"""
