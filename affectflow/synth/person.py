"""One subject, dressed and lit for a clip, who can be put into a frame in any pose and action."""

from __future__ import annotations

import cv2
import numpy as np

from affectflow.synth.complexion import colour
from affectflow.synth.expression import Action
from affectflow.synth.face import Face
from affectflow.synth.light import Light
from affectflow.synth.photograph import Array, Photograph, grid, texel
from affectflow.synth.pose import Pose
from affectflow.synth.shape import reshape
from affectflow.synth.subject import Subject

_STEP = 4  # frame pixels between the points where the pose is computed


class Person:
    """Args: the photograph, who it becomes, the corpus seed and the light of the clip."""

    def __init__(self, photograph: Photograph, subject: Subject, seed: int, light: Light):
        texture, eyeballs = colour(photograph, subject, seed)
        self.landmarks, textures = reshape(
            subject, photograph.landmarks, light.on(texture), light.on(eyeballs), photograph.matte
        )
        mouth = tuple(part * gain for part, gain in zip((62, 24, 26), light.gain, strict=True))
        self._face = Face(textures[0], textures[1], self.landmarks, mouth)  # type: ignore[arg-type]
        self._matte = textures[2]

    def put(self, frame: Array, action: Action, pose: Pose) -> Array:
        """A copy of the uint8 RGB frame with the person in it."""
        height, width = frame.shape[:2]
        texture = cv2.merge([self._face.render(action), self._matte])
        x, y = self._sources(pose, width, height)
        painted = cv2.remap(texture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        weight = painted[..., 3].astype(np.float32) / 255
        return cv2.blendLinear(np.ascontiguousarray(painted[..., :3]), frame, weight, 1 - weight)

    def points(self, pose: Pose, indices: tuple[int, ...]) -> Array:
        """float64 [N, 2] frame pixels of landmarks of the face at rest."""
        matrix = pose.matrix()
        return self.landmarks[list(indices)] @ matrix[:, :2].T + matrix[:, 2]

    def _sources(self, pose: Pose, width: int, height: int) -> tuple[Array, Array]:
        """Texture column and row for every frame pixel; the shoulders follow the head a little."""
        columns, rows = -(-width // _STEP), -(-height // _STEP)
        pixels = grid(_STEP, (0, 0, columns * _STEP, rows * _STEP))
        head = _apply(_inverted(pose.matrix()), pixels)
        body = _apply(_inverted(pose.matrix(follow=0.25)), pixels)
        share = np.clip((body[..., 1] - 160) / 60, 0, 1)
        share = (share * share * (3 - 2 * share))[..., None]
        maps = texel(head + (body - head) * share).astype(np.float32)
        maps = cv2.resize(maps, (columns * _STEP, rows * _STEP))[:height, :width]
        return np.ascontiguousarray(maps[..., 0]), np.ascontiguousarray(maps[..., 1])


def _inverted(matrix: Array) -> Array:
    return cv2.invertAffineTransform(matrix)


def _apply(matrix: Array, points: Array) -> Array:
    return points @ matrix[:, :2].T + matrix[:, 2]
