"""One rendered clip: what happens in it, and the happening itself."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from affectflow.synth.draw import generator
from affectflow.synth.encode import encode
from affectflow.synth.expression import Action
from affectflow.synth.performance import Performance, draw_performance
from affectflow.synth.person import Person
from affectflow.synth.photograph import Array, Photograph
from affectflow.synth.pose import HeadMotion, Pose, draw_motion
from affectflow.synth.sound import write_wav
from affectflow.synth.stage import Stage, draw_stage
from affectflow.synth.subject import Subject, draw_subject


@dataclass(frozen=True)
class ClipScript:
    """What happens in one clip. All that it leaves open is drawn from (seed, name).

    Attributes:
        name: unique in the corpus.
        seed: the corpus seed.
        subjects: numbers of the people, left to right (1 or 2).
        width, height: of the frame in pixels.
        fps: of the clock that ``ticks`` count.
        ticks: when each frame is taken, in 1/fps s, strictly rising from 0.
        away: stretches (start, end in s) without a person in the frame.
    """

    name: str
    seed: int
    subjects: tuple[int, ...]
    width: int
    height: int
    fps: int
    ticks: tuple[int, ...]
    away: tuple[tuple[float, float], ...] = ()

    @property
    def times(self) -> Array:
        """float64 [frames]: seconds at which the frames are taken."""
        return np.array(self.ticks) / self.fps

    @property
    def frames(self) -> int:
        return len(self.ticks)

    @property
    def seconds(self) -> float:
        return (self.ticks[-1] + 1) / self.fps

    def present(self) -> Array:
        """bool [frames]: whether the face is wholly in the frame."""
        t = self.times
        inside = np.ones(len(t), bool)
        for start, end in self.away:
            inside &= (t < start - 0.5) | (t > end + 0.5)
        return inside


class Acting(Protocol):
    """What a person does during a clip."""

    def action(self, t: float, subject: Subject) -> Action:
        """The subject's face at t seconds."""

    def voice(self, pitch_hz: float, seconds: float, rng: np.random.Generator) -> Array:
        """float64 [seconds * 16000] in [-1, 1]: what is heard."""


@dataclass(frozen=True)
class Role:
    """One person in a clip: who it is, what the face and the voice do, how the head moves."""

    subject: Subject
    acting: Acting
    motion: HeadMotion


def draw_roles(script: ClipScript) -> list[Role]:
    """The script's people, side by side, each wandering about the valence-arousal plane."""
    wide = script.width / script.height
    spots = [wide / 2] if len(script.subjects) == 1 else [wide * 0.25, wide * 0.75]
    size = 0.0042 if len(spots) == 1 else 0.0029
    roles = []
    for side, (number, spot) in enumerate(zip(script.subjects, spots, strict=True)):
        motion = generator(script.seed, "motion", script.name, side)
        performance = generator(script.seed, "performance", script.name, side)
        roles.append(
            Role(
                draw_subject(script.seed, number),
                draw_performance(performance, script.seconds),
                draw_motion(motion, script.seconds, spot, size, script.away),
            )
        )
    return roles


class Take:
    """A clip script played: every frame, every label.

    Args:
        script: what happens.
        photograph: what the people are made from.
        roles: who does what, left to right; drawn by ``draw_roles`` unless given.
        stage: where, of the script's width and height; anywhere unless given.
    """

    def __init__(self, script: ClipScript, photograph: Photograph,
                 roles: Sequence[Role] | None = None, stage: Stage | None = None):  # fmt: skip
        self.script = script
        self._roles = draw_roles(script) if roles is None else roles
        self.subjects = [role.subject for role in self._roles]
        self._stage = stage or draw_stage(
            generator(script.seed, "clip", script.name), script.width, script.height
        )
        self._people = [
            Person(photograph, subject, script.seed, self._stage.light) for subject in self.subjects
        ]

    def labels(self, person: int) -> Array:
        """float64 [frames, 2]: valence and arousal as annotated.

        Raises:
            TypeError: the person poses an expression, which is annotated as a class alone.
        """
        acting = self._roles[person].acting
        if not isinstance(acting, Performance):
            raise TypeError(f"{type(acting).__name__} is not annotated frame by frame")
        return acting.labels(self.script.times)

    def pose(self, person: int, t: float) -> Pose:
        """The person's head at t seconds."""
        role = self._roles[person]
        return role.motion.at(t, self.script.height, role.subject.mirrored)

    def landmarks(self, person: int, t: float, indices: tuple[int, ...]) -> Array:
        """float64 [N, 2] frame pixels of face mesh landmarks, expression aside."""
        return self._people[person].points(self.pose(person, t), indices)

    def frames(self) -> Iterator[Array]:
        """uint8 RGB [height, width, 3], one for each tick."""
        rng = generator(self.script.seed, "grain", self.script.name)
        for t in self.script.times:
            frame = self._stage.room
            for side, (role, person) in enumerate(zip(self._roles, self._people, strict=True)):
                action = role.acting.action(t, role.subject)
                frame = person.put(frame, action, self.pose(side, t))
            yield self._stage.camera.take(frame, rng)

    def film(self, path: Path, each: Callable[[int, Array], None] | None = None,
             silent: bool = False) -> None:  # fmt: skip
        """Encodes the clip to ``path``; ``each(index, frame)`` sees every frame on its way."""
        script = self.script
        with tempfile.TemporaryDirectory(prefix="affectflow-synth-") as scratch:
            sound = None if silent else Path(scratch) / "voice.wav"
            if sound is not None:
                rng = generator(script.seed, "sound", script.name)
                write_wav(sound, *(
                    role.acting.voice(role.subject.voice_hz, script.seconds, rng)
                    for role in self._roles
                ))  # fmt: skip
            encode(
                path, self._seen(each), script.width, script.height, script.fps, script.ticks, sound
            )

    def _seen(self, each: Callable[[int, Array], None] | None) -> Iterator[Array]:
        for index, frame in enumerate(self.frames()):
            if each is not None:
                each(index, frame)
            yield frame
