"""The colours of a person: skin, hair, cloth, and what is painted on (brows, beard, glasses)."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from affectflow.synth.ageing import smooth, wrinkle
from affectflow.synth.draw import generator
from affectflow.synth.photograph import (
    CANVAS,
    LEFT_BROW,
    LEFT_LID_LOWER,
    LEFT_LID_UPPER,
    LIPS_LOWER,
    LIPS_OUTER,
    LIPS_UPPER,
    OVAL,
    RIGHT_BROW,
    RIGHT_LID_LOWER,
    RIGHT_LID_UPPER,
    TEXELS,
    Array,
    Photograph,
    grid,
    polygon,
    texel,
)
from affectflow.synth.subject import Subject
from affectflow.synth.warp import blob

# What the photograph's own materials look like, Lab means read off it.
_SKIN, _HAIR, _CLOTH = (81, 9, 14), (50, 2, 26), (52, 52, 50)


# Most corpora have many clips of a person, one after another; painting is the most of a start.
@lru_cache(maxsize=4)
def colour(photograph: Photograph, subject: Subject, seed: int) -> tuple[Array, Array]:
    """The subject's texture and eyeballs, uint8 [H, W, 3] of the canvas, in even light.

    They are shared between callers: not to be written to.
    """
    lab = cv2.cvtColor(photograph.rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    # Light skin shows more of its shading than dark skin, whose highlights stay.
    lab = _retint(lab, photograph.skin, _SKIN, subject.skin, contrast=0.55 + subject.skin[0] / 180)
    lab = _retint(lab, photograph.hair, _HAIR, subject.hair, contrast=0.45 + subject.hair[0] / 100)
    lab = _retint(lab, photograph.cloth, _CLOTH, subject.cloth, contrast=0.9, only_colourful=True)
    rgb = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) * 255
    rng = generator(seed, "complexion", subject.number)
    rgb = _features(np.clip(rgb, 0, 255), photograph, subject, rng)
    return rgb.astype(np.uint8), _eyeballs(rgb, photograph.landmarks, subject).astype(np.uint8)


def _retint(lab: Array, mask: Array, old: tuple[float, ...], new: tuple[float, ...],
            contrast: float, only_colourful: bool = False) -> Array:  # fmt: skip
    """Moves a material's mean colour from ``old`` to ``new`` and scales its contrast."""
    weight = mask.astype(np.float32) / 255
    if only_colourful:
        weight = weight * np.clip((np.hypot(lab[..., 1], lab[..., 2]) - 18) / 14, 0, 1)
    moved = (lab - np.array(old, np.float32)) * np.array(
        (contrast, 0.8, 0.8), np.float32
    ) + np.array(new, np.float32)
    moved[..., 0] = np.clip(moved[..., 0], 2, 100)
    return lab + (moved - lab) * weight[..., None]


def _features(
    rgb: Array, photograph: Photograph, subject: Subject, rng: np.random.Generator
) -> Array:
    points = photograph.landmarks
    shape = rgb.shape[:2]
    hair = _rgb(subject.hair)
    if subject.smooth:
        rgb = smooth(rgb, photograph.skin, subject.smooth)
    if subject.wrinkles:
        rgb = wrinkle(rgb, points, photograph.skin, subject.wrinkles)
    grain = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), 1.0) * 3
    if subject.beard:
        stubble = _beard(points) * np.clip(0.7 + 0.16 * grain, 0.2, 1) * subject.beard
        rgb = _over(rgb, hair * 0.7 + 12, 0.75 * stubble)
    for brow in (RIGHT_BROW, LEFT_BROW):
        stroke = _stroke(points[list(brow)] + (0, -0.6), 1.4 + 2.6 * subject.brow)
        rgb = _over(rgb, hair * 0.6 + 6, stroke * np.clip(0.78 + 0.1 * grain, 0, 0.95))
    if subject.freckles:
        spots = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), 1.3) > 0.42
        where = blob(grid(), points[1] + (0, -10), 30, 14) * photograph.skin / 255
        spots = cv2.GaussianBlur(spots.astype(np.float32), (0, 0), 0.7) * where
        rgb = _over(rgb, np.array((150, 92, 60)), 0.55 * subject.freckles * spots)
    if subject.lips:
        lips = polygon(points[list(LIPS_OUTER)], 0.8).astype(np.float32)
        lips -= np.minimum(lips, polygon(points[list(LIPS_UPPER + LIPS_LOWER[::-1])], 0.5))
        rgb = _over(
            rgb, np.array((168, 28, 52)) * (subject.skin[0] / 80), lips / 255 * 0.6 * subject.lips
        )
    if subject.glasses:
        rgb = _glasses(rgb, points, subject)
    return np.clip(rgb, 0, 255)


def _beard(points: Array) -> Array:
    """Where a beard grows, 0 … 1: the lower face without lips, and above the upper lip."""
    lower = polygon(points[list(OVAL)], 2.5).astype(np.float32) / 255
    y = grid()[..., 1]
    x = grid()[..., 0]
    middle = points[13]
    # Its edge rises towards the ears.
    edge = middle[1] - 7 - 0.010 * (x - middle[0]) ** 2
    lips = polygon(points[list(LIPS_OUTER)], 1.2).astype(np.float32) / 255
    return lower * np.clip((y - edge) / 5, 0, 1) * (1 - lips)


def _stroke(points: Array, width: float) -> Array:
    """A soft line through points in units, 0 … 1, thinner at its ends."""
    mask = np.zeros((CANVAS[3] * TEXELS, CANVAS[2] * TEXELS), np.uint8)
    pixels = np.round(texel(points) * 16).astype(np.int32)
    cv2.polylines(mask, [pixels], False, 255, max(1, round(width * TEXELS)), cv2.LINE_AA, 4)
    return cv2.GaussianBlur(mask, (0, 0), 1.6).astype(np.float32) / 255


def _glasses(rgb: Array, points: Array, subject: Subject) -> Array:
    shade = np.full(3, 30.0) if subject.number % 2 else np.array((96, 58, 30))
    mask = np.zeros(rgb.shape[:2], np.uint8)
    eyes = []
    for upper, lower in ((159, 145), (386, 374)):
        centre = (points[upper] + points[lower]) / 2 + (0, 1.5)
        eyes.append(centre)
        angle = np.linspace(0, 2 * np.pi, 60)
        power = 1.0 if subject.glasses_round else 0.55
        circle = np.stack([np.cos(angle), np.sin(angle)], -1)
        # A superellipse: a power below 1 makes it squarer.
        ring = np.sign(circle) * np.abs(circle) ** power * (16.5, 11.5)
        _line(mask, centre + ring, closed=True)
    _line(mask, np.array([eyes[0] + (16, -2), eyes[1] - (16, 2)]), closed=False)
    _line(mask, np.array([eyes[0] - (16, 3), points[127]]), closed=False)
    _line(mask, np.array([eyes[1] + (16, -3), points[356]]), closed=False)
    rim = cv2.GaussianBlur(mask, (0, 0), 0.7).astype(np.float32) / 255
    return _over(rgb, shade, rim * subject.glasses)


def _line(mask: Array, points: Array, closed: bool) -> None:
    pixels = np.round(texel(points) * 16).astype(np.int32)
    cv2.polylines(mask, [pixels], closed, 255, 3, cv2.LINE_AA, 4)


def _eyeballs(rgb: Array, points: Array, subject: Subject) -> Array:
    """The balls that show between the lids, painted: white, iris, pupil, highlight."""
    at = grid()
    out = rgb.copy()
    for upper, lower in ((RIGHT_LID_UPPER, RIGHT_LID_LOWER), (LEFT_LID_UPPER, LEFT_LID_LOWER)):
        edges = points[list(upper + lower)]
        centre = np.array([edges[:, 0].mean(), (edges[:, 1].min() + edges[:, 1].max()) / 2])
        half = (edges[:, 0].max() - edges[:, 0].min()) / 2
        r = np.hypot(at[..., 0] - centre[0], at[..., 1] - centre[1])
        across = np.clip(np.abs(at[..., 0] - centre[0]) / half, 0, 1)
        white = np.array((222, 214, 208)) * (1 - 0.35 * across**2)[..., None]
        # Wider than the lids ever open, so that no skin shows between them.
        out = _over(out, white, np.clip((half * 1.1 - r) / 1.0, 0, 1))
        iris = np.array(subject.iris, float) * (0.75 + 0.5 * np.clip(r / 4.7, 0, 1))[..., None]
        out = _over(out, iris, np.clip((4.8 - r) * 1.2, 0, 1))
        out = _over(
            out,
            np.full(3, 22.0),
            np.clip((5.0 - r) * 1.5, 0, 1) * np.clip((r - 4.1) * 1.5, 0, 1) * 0.6,
        )
        out = _over(out, np.full(3, 12.0), np.clip((2.1 - r) * 1.5, 0, 1))
        glint = np.hypot(at[..., 0] - centre[0] + 1.3, at[..., 1] - centre[1] + 1.3)
        out = _over(out, np.full(3, 245.0), np.clip((1.0 - glint) * 1.5, 0, 1))
    return np.clip(out, 0, 255)


def _over(rgb: Array, paint: Array, weight: Array) -> Array:
    return rgb + (paint - rgb) * weight[..., None]


def _rgb(lab: tuple[float, float, float]) -> Array:
    return cv2.cvtColor(np.array([[lab]], np.float32), cv2.COLOR_LAB2RGB)[0, 0].astype(float) * 255
