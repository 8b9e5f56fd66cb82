"""One rendered clip: what happens in it, and the happening itself."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from affectflow.synth.draw import generator
from affectflow.synth.encode import encode
from affectflow.synth.light import draw_light
from affectflow.synth.performance import draw_performance
from affectflow.synth.person import Person
from affectflow.synth.photograph import Array, Photograph
from affectflow.synth.pose import Pose, draw_motion
from affectflow.synth.scene import draw_camera, draw_room
from affectflow.synth.sound import voice, write_wav
from affectflow.synth.subject import draw_subject


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
    def seconds(self) -> float:
        return (self.ticks[-1] + 1) / self.fps

    def present(self) -> Array:
        """bool [frames]: whether the face is wholly in the frame."""
        t = self.times
        inside = np.ones(len(t), bool)
        for start, end in self.away:
            inside &= (t < start - 0.5) | (t > end + 0.5)
        return inside


class Take:
    """A clip script played: every frame, every label."""

    def __init__(self, script: ClipScript, photograph: Photograph):
        self.script = script
        self.subjects = [draw_subject(script.seed, number) for number in script.subjects]
        rng = generator(script.seed, "clip", script.name)
        light = draw_light(rng)
        self._room = draw_room(rng, script.width, script.height)
        self._camera = draw_camera(rng, script.width, script.height)
        self._people = [
            Person(photograph, subject, script.seed, light) for subject in self.subjects
        ]
        wide = script.width / script.height
        spots = [wide / 2] if len(self.subjects) == 1 else [wide * 0.25, wide * 0.75]
        size = 0.0042 if len(spots) == 1 else 0.0029
        self._motions = [
            draw_motion(
                generator(script.seed, "motion", script.name, side),
                script.seconds,
                spot,
                size,
                script.away,
            )
            for side, spot in enumerate(spots)
        ]
        self._performances = [
            draw_performance(
                generator(script.seed, "performance", script.name, side), script.seconds
            )
            for side in range(len(spots))
        ]

    def labels(self, person: int) -> Array:
        """float64 [frames, 2]: valence and arousal as annotated."""
        return self._performances[person].labels(self.script.times)

    def pose(self, person: int, t: float) -> Pose:
        """The person's head at t seconds."""
        return self._motions[person].at(t, self.script.height, self.subjects[person].mirrored)

    def landmarks(self, person: int, t: float, indices: tuple[int, ...]) -> Array:
        """float64 [N, 2] frame pixels of face mesh landmarks, expression aside."""
        return self._people[person].points(self.pose(person, t), indices)

    def frames(self) -> Iterator[Array]:
        """uint8 RGB [height, width, 3], one for each tick."""
        rng = generator(self.script.seed, "grain", self.script.name)
        for t in self.script.times:
            frame = self._room
            for side, person in enumerate(self._people):
                action = self._performances[side].action(t, self.subjects[side])
                frame = person.put(frame, action, self.pose(side, t))
            yield self._camera.take(frame, rng)

    def film(self, path: Path, each: Callable[[int, Array], None] | None = None) -> None:
        """Encodes the clip to ``path``; ``each(index, frame)`` sees every frame on its way."""
        script = self.script
        with tempfile.TemporaryDirectory(prefix="affectflow-synth-") as scratch:
            sound = Path(scratch) / "voice.wav"
            rng = generator(script.seed, "sound", script.name)
            write_wav(sound, *(
                voice(performance, subject.voice_hz, script.seconds, rng)
                for performance, subject in zip(self._performances, self.subjects, strict=True)
            ))  # fmt: skip
            encode(
                path, self._seen(each), script.width, script.height, script.fps, script.ticks, sound
            )

    def _seen(self, each: Callable[[int, Array], None] | None) -> Iterator[Array]:
        for index, frame in enumerate(self.frames()):
            if each is not None:
                each(index, frame)
            yield frame
