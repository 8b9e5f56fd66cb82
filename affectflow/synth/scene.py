"""What surrounds the people: a room out of focus, and the camera that looks at it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from affectflow.synth.photograph import Array

_MARGIN = 32


@dataclass(frozen=True)
class Camera:
    """Sensor noise and softness.

    Attributes:
        grain: uint8 [H + 32, W + 32, 3] noise round 128.
        blur: standard deviation in pixels, 0 sharp.
    """

    grain: Array
    blur: float

    def take(self, frame: Array, rng: np.random.Generator) -> Array:
        """The uint8 RGB frame as this camera records it."""
        height, width = frame.shape[:2]
        if self.blur > 0.2:
            frame = cv2.GaussianBlur(frame, (0, 0), self.blur)
        row, column = rng.integers(0, _MARGIN, 2)
        grain = self.grain[row : row + height, column : column + width]
        return cv2.addWeighted(frame, 1.0, grain, 1.0, -128)


def draw_camera(rng: np.random.Generator, width: int, height: int) -> Camera:
    """A camera between a good one and a poor phone in a dim room."""
    shape = (height + _MARGIN, width + _MARGIN)
    strength = rng.uniform(1.0, 6.0)
    noise = rng.normal(0, strength, (*shape, 1)) + rng.normal(0, strength / 2, (*shape, 3))
    return Camera(np.clip(128 + noise, 0, 255).astype(np.uint8), float(rng.uniform(0, 0.9)))


def draw_room(rng: np.random.Generator, width: int, height: int) -> Array:
    """uint8 RGB [height, width, 3] background: a wall, things on it, light falling off."""
    hue, saturation = rng.uniform(0, 180), rng.uniform(10, 90)
    wall = _colour(hue, saturation, rng.uniform(70, 215))
    room = np.empty((height, width, 3), np.uint8)
    room[:] = wall
    for _ in range(rng.integers(4, 22)):
        tone = _colour(
            hue + rng.normal(0, 40), saturation * rng.uniform(0.4, 1.8), rng.uniform(30, 235)
        )
        x, y = int(rng.uniform(-0.1, 1) * width), int(rng.uniform(-0.1, 1) * height)
        w, h = (int(rng.uniform(0.04, 0.45) * height) for _ in range(2))
        if rng.random() < 0.7:
            cv2.rectangle(room, (x, y), (x + w, y + h), tone, -1)
        else:
            cv2.ellipse(room, (x, y), (w // 2, h // 2), rng.uniform(0, 90), 0, 360, tone, -1)
    room = cv2.GaussianBlur(room, (0, 0), rng.uniform(0.006, 0.05) * height)
    angle = rng.uniform(0, 2 * np.pi)
    across = np.linspace(-1, 1, width)[None] * np.cos(angle)
    light = 1 + rng.uniform(0.05, 0.35) * (
        across + np.linspace(-1, 1, height)[:, None] * np.sin(angle)
    )
    cloud = cv2.resize(
        rng.normal(0, 5, (8, 10)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    return np.clip(room * light[..., None] + cloud[..., None], 0, 255).astype(np.uint8)


def _colour(hue: float, saturation: float, value: float) -> tuple[int, int, int]:
    hsv = np.array([[[hue % 180, np.clip(saturation, 0, 255), np.clip(value, 0, 255)]]], np.uint8)
    red, green, blue = (int(part) for part in cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0])
    return red, green, blue
