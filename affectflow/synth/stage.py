"""Where a clip or a picture is taken: the light, what stands behind the person, and the camera."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from affectflow.synth.light import Light, draw_light
from affectflow.synth.photograph import Array
from affectflow.synth.scene import Camera, draw_camera, draw_room


@dataclass(frozen=True)
class Stage:
    """A light, a background (uint8 RGB [height, width, 3]) and a camera."""

    light: Light
    room: Array
    camera: Camera


def draw_stage(rng: np.random.Generator, width: int, height: int) -> Stage:
    """Somewhere: any light, a room, a camera between a good one and a poor one."""
    light = draw_light(rng)
    room = draw_room(rng, width, height)
    return Stage(light, room, draw_camera(rng, width, height))


def draw_studio(
    rng: np.random.Generator, width: int, height: int, wall: tuple[int, int, int], skin: float
) -> Stage:
    """A laboratory: even light, a wall of one colour that darkens to its edges.

    Args:
        rng: of the rest.
        width, height: pixels.
        wall: RGB.
        skin: lightness (CIE L) of the face that the light is set up for.
    """
    light = draw_light(rng)
    exposure = float(np.clip(62 / skin, 1.0, 1.6))
    red, green, blue = (exposure * part for part in light.gain)
    light = Light(light.direction, 0.4 * light.strength, (red, green, blue))
    x = np.linspace(-1, 1, width, dtype=np.float32)[None]
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    shade = 1 - float(rng.uniform(0.05, 0.25)) * (x * x + y * y) / 2
    room = np.clip(np.array(wall, np.float32) * shade[..., None], 0, 255).astype(np.uint8)
    camera = draw_camera(rng, width, height)
    # A studio's camera has a third of the noise.
    grain = cv2.addWeighted(camera.grain, 1 / 3, camera.grain, 0, 128 * 2 / 3)
    return Stage(light, room, Camera(grain, 0.5 * camera.blur))
