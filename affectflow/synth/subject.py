"""Who a rendered person is: drawn once from (seed, number), whatever else the corpus holds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from affectflow.synth.draw import generator

# CIE Lab of skin in even light, from very light to very dark, and of hair (L, a, b).
SKINS = (
    (84, 8, 14),
    (79, 11, 18),
    (72, 12, 21),
    (64, 13, 23),
    (55, 14, 23),
    (45, 13, 20),
    (37, 11, 16),
)
HAIRS = (
    (16, 1, 2),
    (24, 4, 7),
    (34, 7, 15),
    (46, 9, 26),
    (62, 3, 27),
    (40, 22, 30),
    (72, 0, 4),
    (30, 2, 3),
)
IRISES = ((62, 38, 22), (88, 60, 34), (70, 88, 66), (84, 110, 138), (96, 104, 110), (40, 26, 18))
# Displacements that make another skull: name -> standard deviation of its strength.
SHAPES = {
    "jaw_width": 1.0, "face_width": 1.0, "face_length": 1.0, "eye_size": 1.0, "eye_spacing": 1.0,
    "nose_width": 1.0, "nose_length": 1.0, "brow_tilt": 1.0, "cheek_fullness": 1.0,
    "chin_width": 1.0, "lip_fullness": 1.0, "hair_volume": 1.0, "hair_height": 1.0,
    "neck_width": 1.0,
}  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """One person. Colours are CIE Lab (L 0 … 100) unless said otherwise.

    Attributes:
        number: 0-based; ``name`` is what annotations call the person.
        shape: strength of each of ``SHAPES``, in standard deviations.
        skin, hair, cloth: mean colours.
        iris: RGB 0 … 255.
        brow: thickness of painted eyebrows, 0 … 1.
        lips: redness of painted lips, 0 … 1.
        beard: darkness, 0 none … 1.
        freckles: 0 none … 1.
        glasses: frame darkness, 0 none … 1; ``glasses_round`` is the frame's shape.
        mirrored: the photograph is flipped.
        expressive: how strongly the person shows valence and arousal.
        rest: valence and arousal that the person's face shows when feeling none.
        skew: how much stronger one corner of the mouth moves.
        voice_hz: pitch at rest.
        wrinkles: depth of the lines of age, 0 none … 1.
        smooth: how much of the skin's texture is gone, 0 none … 1, as in a small child.
    """

    number: int
    shape: tuple[float, ...]
    skin: tuple[float, float, float]
    hair: tuple[float, float, float]
    cloth: tuple[float, float, float]
    iris: tuple[int, int, int]
    brow: float
    lips: float
    beard: float
    freckles: float
    glasses: float
    glasses_round: bool
    mirrored: bool
    expressive: tuple[float, float]
    rest: tuple[float, float]
    skew: float
    voice_hz: float
    wrinkles: float = 0.0
    smooth: float = 0.0

    @property
    def name(self) -> str:
        return f"S{self.number:03d}"


def draw_subject(seed: int, number: int) -> Subject:
    """The person ``number`` of a seed; never depends on how many people a corpus has."""
    rng = generator(seed, "subject", number)
    shape = np.clip(rng.normal(0, 1, len(SHAPES)), -2, 2) * np.array(list(SHAPES.values()))
    tone = rng.uniform(0, len(SKINS) - 1)
    skin = _between(SKINS, tone) + rng.normal(0, (1.5, 1.0, 1.2))
    # Fair and red hair with dark skin is rare.
    darkest = 2 if tone > 3.5 else len(HAIRS)
    hair = np.array(HAIRS[rng.integers(darkest)]) + rng.normal(0, (3, 1, 2))
    angle, chroma = rng.uniform(0, 2 * np.pi), rng.uniform(3, 55)
    cloth = (rng.uniform(25, 72), chroma * np.cos(angle), chroma * np.sin(angle))
    beard = rng.uniform(0.35, 1.0) if rng.random() < 0.28 else 0.0
    return Subject(
        number=number,
        shape=_floats(shape),
        skin=_floats(skin),
        hair=_floats(hair),
        cloth=_floats(cloth),
        iris=IRISES[rng.integers(len(IRISES) if tone < 3.5 else 2)],
        brow=float(rng.uniform(0.25, 1.0)),
        lips=0.0 if beard else float(rng.uniform(0, 1) ** 2),
        beard=float(beard),
        freckles=float(rng.uniform(0.4, 1)) if tone < 2 and rng.random() < 0.35 else 0.0,
        glasses=float(rng.uniform(0.5, 1)) if rng.random() < 0.25 else 0.0,
        glasses_round=bool(rng.random() < 0.5),
        mirrored=bool(rng.random() < 0.5),
        expressive=_floats(rng.uniform(0.85, 1.15, 2)),
        rest=_floats(rng.normal(0, 0.05, 2)),
        skew=float(rng.normal(0, 0.08)),
        voice_hz=float(rng.uniform(95, 230)),
    )


def _between(colours: tuple[tuple[int, int, int], ...], position: float) -> np.ndarray:
    table = np.array(colours, float)
    return np.array([np.interp(position, range(len(table)), table[:, i]) for i in range(3)])


def _floats(values: np.ndarray | tuple[float, ...]) -> tuple:
    return tuple(round(float(value), 4) for value in values)
