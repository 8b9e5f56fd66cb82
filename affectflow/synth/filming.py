"""Videos of one person posing one expression, whatever a corpus calls the file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from affectflow.synth.atomic import scratch_path
from affectflow.synth.clip import ClipScript, Role, Take
from affectflow.synth.demographics import Demographics, draw_somebody
from affectflow.synth.draw import generator
from affectflow.synth.photograph import Photograph
from affectflow.synth.pose import draw_motion
from affectflow.synth.posed import draw_posed
from affectflow.synth.settings import SynthSettings
from affectflow.synth.stage import draw_stage, draw_studio
from affectflow.synth.subject import draw_subject

Wall = tuple[int, int, int]


@dataclass(frozen=True)
class PosedScript:
    """A video of one expression.

    Attributes:
        clip: size, rate and length.
        path: of the file, below the corpus's folder; its ending says what kind of file.
        expression: what is posed (``posed.POSES``).
        intensity: 1 full, less for a weaker one.
        onset: from when to when (s) the face goes from rest to the apex.
        speaks: from when to when (s) there is speech; None: a silent face.
        who: gender, race and age; None: anybody.
        wall: RGB of a studio's wall; None: somewhere.
        silent: the file has no sound.
    """

    clip: ClipScript
    path: str
    expression: str
    intensity: float
    onset: tuple[float, float]
    speaks: tuple[float, float] | None = None
    who: Demographics | None = None
    wall: Wall | None = None
    silent: bool = False

    @property
    def name(self) -> str:
        return self.clip.name

    @property
    def frames(self) -> int:
        return self.clip.frames

    @property
    def seconds(self) -> float:
        return self.clip.seconds


def posed_clip(settings: SynthSettings, name: str, subject: int, fps: int,
               frames: int) -> ClipScript:  # fmt: skip
    """A 4:3 clip of one person with a constant frame rate."""
    width = round(settings.size * 4 / 3 / 2) * 2
    ticks = tuple(range(frames))
    return ClipScript(name, settings.seed, (subject,), width, settings.size, fps, ticks)


def is_written(out: Path, script: PosedScript) -> bool:
    """Whether the video is there."""
    return (out / script.path).exists()


def write(out: Path, settings: SynthSettings, script: PosedScript, photograph: Photograph) -> None:
    """Renders one video."""
    path = out / script.path
    path.parent.mkdir(parents=True, exist_ok=True)
    with scratch_path(path) as scratch:
        take_of(script, photograph).film(scratch, silent=script.silent)
        os.replace(scratch, path)


def take_of(script: PosedScript, photograph: Photograph) -> Take:
    """The video, ready to be filmed."""
    clip = script.clip
    number = clip.subjects[0]
    who = script.who
    subject = draw_somebody(clip.seed, number, who) if who else draw_subject(clip.seed, number)
    acting = draw_posed(
        generator(clip.seed, "posed", clip.name), script.expression, clip.seconds,
        script.intensity, script.onset, script.speaks,
    )  # fmt: skip
    # In a studio people sit still; elsewhere they do not.
    motion = draw_motion(
        generator(clip.seed, "motion", clip.name), clip.seconds, clip.width / clip.height / 2,
        0.0042, sway=0.35 if script.wall else 0.8,
    )  # fmt: skip
    rng = generator(clip.seed, "clip", clip.name)
    if script.wall is None:
        stage = draw_stage(rng, clip.width, clip.height)
    else:
        stage = draw_studio(rng, clip.width, clip.height, script.wall, subject.skin[0])
    return Take(clip, photograph, [Role(subject, acting, motion)], stage)
