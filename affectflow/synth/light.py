"""The light of a clip: a lamp's direction, strength and colour on a roughly round head."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from affectflow.synth.photograph import Array, grid


@dataclass(frozen=True)
class Light:
    """A lamp and the camera's exposure.

    Attributes:
        direction: (x, y) of the lamp as seen from the face; length 0 (frontal) … 1 (from the side).
        strength: how much darker the far side is, 0 … 1.
        gain: RGB factors of exposure and white balance.
    """

    direction: tuple[float, float]
    strength: float
    gain: tuple[float, float, float]

    def on(self, texture: Array) -> Array:
        """uint8 [H, W, 3] texture of the canvas under this light."""
        at = grid()
        # An ellipsoid for the head, a flatter one for the shoulders below it.
        head_x, head_y = (at[..., 0] - 226) / 72, (at[..., 1] - 105) / 95
        body_x, body_y = (at[..., 0] - 220) / 190, (at[..., 1] - 260) / 150
        below = np.clip((at[..., 1] - 165) / 30, 0, 1)
        x = np.clip(head_x + (body_x - head_x) * below, -1, 1)
        y = np.clip(head_y + (body_y - head_y) * below, -1, 1)
        facing = x * self.direction[0] + y * self.direction[1]
        shade = 1 + self.strength * np.clip(facing, -1, 1) * np.where(facing < 0, 1.0, 0.45)
        lit = texture * shade[..., None].astype(np.float32) * np.array(self.gain, np.float32)
        # A shoulder instead of a hard clip keeps highlights from going flat.
        return np.clip(255 * np.tanh(lit / 255 * 1.05) / np.tanh(1.05), 0, 255).astype(np.uint8)


def draw_light(rng: np.random.Generator) -> Light:
    """A random, plausible light."""
    angle, side = rng.uniform(0, 2 * np.pi), rng.uniform(0, 1)
    warmth = rng.normal(0, 0.06)
    gain = rng.uniform(0.8, 1.15) * np.array((1 + warmth, 1.0, 1 - warmth))
    red, green, blue = (float(value) for value in gain)
    return Light(
        (float(side * np.cos(angle)), float(0.6 * side * np.sin(angle))),
        float(rng.uniform(0.1, 0.55)),
        (red, green, blue),
    )
