"""Gender, race and age as rendering parameters.

Corpora annotate them, so a model must be able to learn them from what is rendered. Each is a
handful of settings of one photograph: a complexion, a few proportions, hair, lines. They say
nothing about how people of any group look.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from affectflow.synth.draw import generator
from affectflow.synth.subject import HAIRS, IRISES, SHAPES, SKINS, Subject, draw_subject

GENDERS = ("male", "female", "unsure")
RACES = ("caucasian", "african_american", "asian")
AGES = ("0-3", "4-19", "20-39", "40-69", "70+")
"""As in RAF-DB; classes of ``affectflow.corpora.classes``."""

_YEARS = ((1, 4), (4, 20), (20, 40), (40, 70), (70, 86))

Shape = dict[str, float]


@dataclass(frozen=True)
class Demographics:
    """Who somebody is, as a corpus annotates it.

    Attributes:
        gender: one of ``GENDERS``.
        race: one of ``RACES``, or ``north_european`` or ``mediterranean`` (ADFES).
        years: age.
    """

    gender: str = "unsure"
    race: str = "caucasian"
    years: int = 30

    @property
    def age(self) -> str:
        """The age's group, one of ``AGES``."""
        return AGES[sum(self.years >= start for start, _ in _YEARS[1:])]


@dataclass(frozen=True)
class _Complexion:
    """Ranges to draw from: the place in SKINS, entries of HAIRS and IRISES; yellow is added b."""

    tone: tuple[float, float]
    hairs: tuple[int, ...]
    irises: tuple[int, ...]
    shape: Shape
    yellow: float = 0.0


_COMPLEXIONS = {
    "caucasian": _Complexion((0.0, 1.6), (1, 2, 3, 4, 5), (1, 2, 3, 4), {"nose_width": -0.6}),
    "north_european": _Complexion((0.0, 1.0), (2, 3, 4), (2, 3, 4), {"nose_width": -0.6}),
    "mediterranean": _Complexion((2.2, 3.4), (0, 1, 7), (0, 1, 5), {"nose_length": 0.8}),
    "asian": _Complexion(
        (1.4, 2.4), (0, 7), (5,),
        {"eye_size": -2.0, "face_width": 1.0, "nose_length": -0.8, "brow_tilt": -0.5}, 5.0,
    ),
    "african_american": _Complexion(
        (4.4, 6.0), (0,), (0, 5), {"lip_fullness": 2.0, "nose_width": 2.0}
    ),
}  # fmt: skip

_GENDER_SHAPES: dict[str, Shape] = {
    "male": {"jaw_width": 1.3, "chin_width": 1.3, "neck_width": 1.3, "hair_volume": -2.2,
             "brow_tilt": 0.6, "lip_fullness": -0.7},
    "female": {"jaw_width": -1.0, "chin_width": -1.0, "neck_width": -1.0, "hair_volume": 1.2,
               "eye_size": 0.6, "brow_tilt": -0.6},
    "unsure": {"hair_volume": -0.8},
}  # fmt: skip

_CHILD: Shape = {"eye_size": 2.2, "eye_spacing": 1.0, "face_length": -2.2, "cheek_fullness": 1.6,
                 "nose_length": -2.2, "nose_width": -1.0, "chin_width": -1.0, "jaw_width": -0.8,
                 "neck_width": -1.5, "hair_volume": -1.2, "hair_height": -1.0}  # fmt: skip
_OLD: Shape = {"cheek_fullness": -1.4, "nose_length": 1.2, "eye_size": -0.8, "lip_fullness": -1.2}


def draw_demographics(seed: int, number: int) -> Demographics:
    """Who subject ``number`` of a seed is; whatever number of subjects, all kinds are there.

    A good half is between the classes' shares in RAF-DB and equal shares, so that a small corpus
    can be learned from.
    """
    gender = _pick((0.46, 0.92), seed, number, "gender", 0.6180339887)
    race = _pick((0.5, 0.75), seed, number, "race", 0.4142135624)
    age = _pick((0.13, 0.33, 0.66, 0.87), seed, number, "age", 0.7320508076)
    # Of small children RAF-DB mostly does not say.
    unsure = 2 if age == 0 and number % 4 else gender
    low, high = _YEARS[age]
    years = int(generator(seed, "years", number).integers(low, high))
    return Demographics(GENDERS[unsure], RACES[race], years)


def _pick(edges: tuple[float, ...], seed: int, number: int, what: str, step: float) -> int:
    """Which of the intervals between the edges of [0, 1) a subject falls into; evenly spread."""
    place = (generator(seed, what).random() + number * step) % 1.0
    return sum(place >= edge for edge in edges)


def draw_somebody(seed: int, number: int, who: Demographics) -> Subject:
    """The person ``number`` of a seed, with a face that shows who it is."""
    subject = draw_subject(seed, number)
    rng = generator(seed, "somebody", number)
    looks = _COMPLEXIONS[who.race]
    young = float(np.interp(who.years, (3, 20), (1, 0)))
    old = float(np.interp(who.years, (38, 72), (0, 1)))
    shape = {name: 0.6 * strength for name, strength in zip(SHAPES, subject.shape)}
    for shifts, share in (
        (looks.shape, 1.0), (_GENDER_SHAPES[who.gender], 1 - 0.7 * young), (_CHILD, young),
        (_OLD, old),
    ):  # fmt: skip
        for name, shift in shifts.items():
            shape[name] += share * shift
    male, female = who.gender == "male", who.gender == "female"
    grown = young < 0.25
    beard = float(rng.uniform(0.5, 1.0)) if male and grown and rng.random() < 0.6 else 0.0
    brow = rng.uniform(0.75, 1.0) if male else rng.uniform(0.05, 0.35) if female else 0.5
    glasses = float(rng.uniform(0.5, 1.0)) if rng.random() < 0.1 + 0.3 * old else 0.0
    return replace(
        subject,
        shape=tuple(round(float(np.clip(value, -2.8, 2.8)), 4) for value in shape.values()),
        skin=_skin(rng, looks, old),
        hair=_hair(rng, looks, old),
        iris=IRISES[looks.irises[rng.integers(len(looks.irises))]],
        brow=round(float(brow * (1 - 0.6 * young)), 4),
        lips=round(float(rng.uniform(0.5, 1.0)), 4) if female and grown else 0.0,
        beard=round(beard, 4),
        freckles=subject.freckles if who.race == "caucasian" else 0.0,
        glasses=round(glasses, 4) if young < 0.6 else 0.0,
        voice_hz=_pitch(rng, who, young),
        wrinkles=round(old, 4),
        smooth=round(young, 4),
    )


def _skin(rng: np.random.Generator, looks: _Complexion, old: float) -> tuple[float, float, float]:
    tone = rng.uniform(*looks.tone)
    table = np.array(SKINS, float)
    light, a, b = (np.interp(tone, range(len(table)), table[:, i]) for i in range(3))
    # Old skin is paler.
    return (
        round(float(light + rng.normal(0, 1.0)), 4),
        round(float(a - 2 * old + rng.normal(0, 0.7)), 4),
        round(float(b + looks.yellow - 2 * old + rng.normal(0, 0.8)), 4),
    )


def _hair(rng: np.random.Generator, looks: _Complexion, old: float) -> tuple[float, float, float]:
    colour = np.array(HAIRS[looks.hairs[rng.integers(len(looks.hairs))]], float)
    colour = colour + rng.normal(0, (2, 0.7, 1.5))
    grey = np.array((78.0, 0.0, 3.0))
    light, a, b = (float(part) for part in colour + old * (grey - colour))
    return round(light, 4), round(a, 4), round(b, 4)


def _pitch(rng: np.random.Generator, who: Demographics, young: float) -> float:
    low, high = {"male": (95, 140), "female": (175, 235)}.get(who.gender, (140, 175))
    adult = rng.uniform(low, high)
    return round(float(adult + young * (300 - adult)), 4)
