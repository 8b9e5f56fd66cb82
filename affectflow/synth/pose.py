"""Where a head is in the frame and how it is turned, over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from affectflow.synth.photograph import Array
from affectflow.synth.signal import at, times, wander

PIVOT = (225.0, 178.0)  # units: where the head turns on the neck
_FACE = (225.0, 118.0)  # units: what stands at a pose's x, y when it is upright


@dataclass(frozen=True)
class Pose:
    """A head in a frame.

    Attributes:
        x, y: pixels of the face when it is upright.
        scale: pixels a unit.
        angle: degrees, clockwise, round the neck.
        turn: -1 … 1, the head turned sideways, shown as a shear and a squeeze.
        mirrored: left and right are swapped.
    """

    x: float
    y: float
    scale: float
    angle: float = 0.0
    turn: float = 0.0
    mirrored: bool = False

    def matrix(self, follow: float = 1.0) -> Array:
        """float64 [2, 3]: units -> frame pixels, for the head or what follows it by ``follow``."""
        radians = np.deg2rad(self.angle * follow)
        turn = self.turn * follow
        rotation = np.array(
            [[np.cos(radians), -np.sin(radians)], [np.sin(radians), np.cos(radians)]]
        )
        squeeze = np.array([[1 - 0.06 * abs(turn), 0.05 * turn], [0.03 * turn, 1.0]])
        flip = np.diag([-1.0 if self.mirrored else 1.0, 1.0])
        linear = self.scale * rotation @ squeeze @ flip
        pivot, face = np.array(PIVOT), np.array(_FACE)
        stand = np.array([self.x, self.y]) + self.scale * flip @ (pivot - face)
        return np.column_stack([linear, stand - linear @ pivot])


@dataclass(frozen=True)
class HeadMotion:
    """Signals of a head's pose in a clip; see ``Pose`` for the units (x, y in frame heights)."""

    x: Array
    y: Array
    scale: Array
    angle: Array
    turn: Array

    def at(self, t: float, height: int, mirrored: bool) -> Pose:
        """The pose at t seconds in a frame of ``height`` pixels."""
        x, y, scale, angle, turn = (
            float(at(values, t)) for values in (self.x, self.y, self.scale, self.angle, self.turn)
        )
        return Pose(x * height, y * height, scale * height, angle, turn, mirrored)


def draw_motion(
    rng: np.random.Generator,
    seconds: float,
    centre: float,
    size: float,
    away: tuple[tuple[float, float], ...] = (),
    exit_x: float = -0.8,
    sway: float = 1.0,
) -> HeadMotion:
    """A head that sways round ``centre``.

    Args:
        centre: x of the face in frame heights.
        size: pixels a unit in a frame of height 1 (0.004: the head with its hair fills 2/3).
        away: stretches (start, end in s) in which the person is out of the frame.
        exit_x: where the person goes then, in frame heights.
        sway: how much the head moves; 1 as in a living room, 0.2 as before a laboratory's camera.
    """
    moments = times(seconds)
    count = len(moments)
    size *= rng.uniform(0.92, 1.08)
    x = centre + sway * rng.normal(0, 0.02) + 0.03 * sway * np.tanh(wander(rng, count, 2.5))
    for start, end in away:
        # A step of half a second out, and one back in.
        out = np.clip(np.minimum(moments - start, end - moments) / 0.5 + 1, 0, 1)
        out = out * out * (3 - 2 * out)
        x = x + (exit_x - x) * out
    return HeadMotion(
        x=x,
        y=0.5 + sway * rng.normal(0, 0.015) + 0.02 * sway * np.tanh(wander(rng, count, 2.0)),
        scale=size * (1 + 0.06 * sway * np.tanh(wander(rng, count, 3.0))),
        angle=12 * sway * np.tanh(0.55 * wander(rng, count, 1.8) + rng.normal(0, 0.2)),
        turn=sway * np.tanh(0.8 * wander(rng, count, 2.0)),
    )
