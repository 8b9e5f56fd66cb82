"""One person before one camera, for pictures instead of a video."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2

from affectflow.synth.atomic import scratch_path
from affectflow.synth.crops import five_points
from affectflow.synth.draw import generator
from affectflow.synth.person import Person
from affectflow.synth.photograph import Array, Photograph
from affectflow.synth.pose import HeadMotion
from affectflow.synth.posed import PosedPerformance
from affectflow.synth.stage import Stage
from affectflow.synth.subject import Subject


@dataclass(frozen=True)
class SittingScript:
    """The pictures of one person.

    Attributes:
        name: unique in the corpus.
        subject: number of the person.
        frames: how many pictures.
        last: path below the corpus's folder of the file that is written last.
    """

    name: str
    subject: int
    frames: int
    last: str
    seconds: float = 0.0


def is_written(out: Path, script: SittingScript) -> bool:
    """Whether the person's last file is there."""
    return (out / script.last).exists()


class Sitting:
    """A person on a stage.

    Args:
        photograph: what the person is made from.
        subject: who it is.
        seed: of the corpus.
        name: of the sitting, unique in the corpus.
        stage: where; its size is the pictures'.
    """

    def __init__(self, photograph: Photograph, subject: Subject, seed: int, name: str,
                 stage: Stage):  # fmt: skip
        self._subject = subject
        self._stage = stage
        self._person = Person(photograph, subject, seed, stage.light)
        self._rng = generator(seed, "grain", name)

    def pictures(
        self, acting: PosedPerformance, motion: HeadMotion, times: Sequence[float]
    ) -> Iterator[tuple[Array, Array]]:
        """A frame, uint8 RGB [height, width, 3], and its five points, for each of times (s)."""
        for t in times:
            pose = motion.at(t, self._stage.room.shape[0], self._subject.mirrored)
            frame = self._person.put(self._stage.room, acting.action(t, self._subject), pose)
            yield self._stage.camera.take(frame, self._rng), five_points(self._person, pose)


def grey(rgb: Array) -> Array:
    """uint8 [height, width] luminance of an RGB picture."""
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)


def write_picture(path: Path, picture: Array) -> None:
    """Writes a grey or RGB uint8 picture atomically, in the format of the path's ending."""
    pixels = picture[..., ::-1] if picture.ndim == 3 else picture
    options = [cv2.IMWRITE_JPEG_QUALITY, 92] if path.suffix == ".jpg" else []
    done, data = cv2.imencode(path.suffix, pixels, options)
    assert done, path
    path.parent.mkdir(parents=True, exist_ok=True)
    with scratch_path(path) as scratch:
        scratch.write_bytes(data.tobytes())
        os.replace(scratch, path)
