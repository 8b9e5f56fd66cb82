"""Expressions as people pose them for a camera: what the face does, and how it gets there.

The poses follow the action units that FACS gives prototypical expressions (Ekman and Friesen's
EMFACS; embarrassment and pride as ADFES instructed its models, Van der Schalk et al. 2011).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from affectflow.synth.expression import Action
from affectflow.synth.performance import blinks
from affectflow.synth.photograph import Array
from affectflow.synth.prosody import MANNERS, speak
from affectflow.synth.signal import RATE, at, times, wander
from affectflow.synth.subject import Subject

POSES = {
    "neutral": Action(),
    "anger": Action(
        smile_right=-0.3, smile_left=-0.3, brows=-0.6, knit=1.1, lids=0.25, squint=0.8, press=1.0
    ),
    # One corner drawn up, and looking down the nose.
    "contempt": Action(smile_right=-0.3, smile_left=1.0, lids=-0.2, press=0.4, tip=0.4),
    "disgust": Action(
        smile_right=-0.4, smile_left=-0.4, sneer=1.0, knit=0.5, brows=-0.5, squint=0.8, part=0.35
    ),
    "fear": Action(
        smile_right=-0.3, smile_left=-0.3, brows=0.8, inner=0.5, knit=0.7, lids=0.65, part=0.8,
        jaw=0.2,
    ),
    "joy": Action(smile_right=1.0, smile_left=1.0, part=1.0, squint=0.8),
    "sadness": Action(
        smile_right=-0.9, smile_left=-0.9, inner=1.0, knit=0.3, brows=-0.2, lids=-0.45, gaze_y=0.8
    ),
    "surprise": Action(brows=1.0, lids=0.55, jaw=0.9),
    # A controlled smile, the head bowed and the eyes down and away.
    "embarrassment": Action(
        smile_right=0.45, smile_left=0.45, press=0.8, lids=-0.5, gaze_x=1.5, gaze_y=2.5, tip=-1.0
    ),
    # The head lifted over a closed smile.
    "pride": Action(smile_right=0.55, smile_left=0.55, brows=0.6, lids=-0.25, tip=1.0),
    "calm": Action(smile_right=0.15, smile_left=0.15, lids=-0.4),
}  # fmt: skip
"""Expression (``affectflow.corpora.classes``) -> the face at its apex, at strength 1."""

# Standard deviation of the parts of a pose from one time to the next, as a share of them.
JITTER = 0.18
# Of what the face does beside the pose.
UNREST = 0.07

_LIMITS = {"part": (0.0, 1.1), "jaw": (0.0, 1.0), "lids": (-1.0, 1.0), "knit": (0.0, 1.3),
           "inner": (0.0, 1.2), "sneer": (0.0, 1.2), "press": (0.0, 1.2),
           "squint": (0.0, 1.2)}  # fmt: skip


@dataclass(frozen=True)
class PosedPerformance:
    """One person posing one expression; signals at ``signal.RATE`` values a second.

    Attributes:
        expression: what is posed.
        apex: the face at strength 1, as this person shows it this time.
        strength: how far the face has come from rest, 0 … about 1.
        unrest: [3, T] what the mouth, the brows and the lids do of themselves.
        blink, speech: 0 … 1.
    """

    expression: str
    apex: Action
    strength: Array
    unrest: Array
    blink: Array
    speech: Array

    def action(self, t: float, subject: Subject) -> Action:
        """The subject's face at t seconds."""
        share = float(at(self.strength, t)) * sum(subject.expressive) / 2
        face = {f.name: share * getattr(self.apex, f.name) for f in fields(Action)}
        mouth, brows, lids = (float(at(signal, t)) for signal in self.unrest)
        face["smile_right"] += subject.rest[0] + mouth - subject.skew / 2
        face["smile_left"] += subject.rest[0] + mouth + subject.skew / 2
        face["brows"] += subject.rest[1] + brows
        face["lids"] += lids
        # Speech opens the jaw by a fifth of its range.
        face["jaw"] += 0.22 * float(at(self.speech, t))
        face = {
            name: float(np.clip(value, *_LIMITS.get(name, (-3.0, 3.0))))
            for name, value in face.items()
        }
        face["lids"] += (-1.0 - face["lids"]) * float(at(self.blink, t))
        return Action(**face)

    def voice(self, pitch_hz: float, seconds: float, rng: np.random.Generator) -> Array:
        """What is heard of it; see ``prosody.speak``."""
        return speak(self.expression, self.strength, self.speech, pitch_hz, seconds, rng)


def draw_posed(
    rng: np.random.Generator,
    expression: str,
    seconds: float,
    intensity: float = 1.0,
    onset: tuple[float, float] = (0.0, 0.0),
    speaks: tuple[float, float] | None = None,
) -> PosedPerformance:
    """A pose that comes up from rest and is held.

    Args:
        expression: a name of ``POSES``.
        seconds: length.
        intensity: 1 as in ``POSES``, less for a weaker one.
        onset: from when to when (s) the face goes from rest to the apex; equal: there at once.
        speaks: from when to when (s) there is speech; None: none.
    """
    moments = times(seconds)
    start, end = onset
    share = np.clip((moments - start) / (end - start), 0, 1) if end > start else moments >= start
    held = 1 + 0.04 * wander(rng, len(moments), 1.5)
    unrest = UNREST * np.stack([wander(rng, len(moments), 0.4) for _ in range(3)])
    return PosedPerformance(
        expression=expression,
        apex=_apex(rng, POSES[expression]),
        strength=intensity * share * share * (3 - 2 * share) * held,
        unrest=unrest,
        blink=blinks(rng, moments),
        speech=_utterance(rng, moments, speaks, MANNERS[expression].rate),
    )


def _apex(rng: np.random.Generator, pose: Action) -> Action:
    """The pose as somebody shows it: each part more or less, either side of the face."""
    face = {
        f.name: getattr(pose, f.name) * float(np.exp(rng.normal(0, JITTER))) for f in fields(pose)
    }
    # Both corners of the mouth are pulled alike unless the pose has them differ.
    if pose.smile_right == pose.smile_left:
        face["smile_left"] = face["smile_right"]
    if rng.random() < 0.5:
        face["smile_right"], face["smile_left"] = face["smile_left"], face["smile_right"]
        face["gaze_x"] = -face["gaze_x"]
    return Action(**face)


def _utterance(
    rng: np.random.Generator, moments: Array, speaks: tuple[float, float] | None, rate: float
) -> Array:
    """Syllables between two moments, 0 … 1."""
    tempo = rate * np.exp(rng.normal(0, 0.1)) * (1 + 0.12 * wander(rng, len(moments), 0.5))
    syllables = 0.5 - 0.5 * np.cos(2 * np.pi * np.cumsum(tempo) / RATE)
    if speaks is None:
        return np.zeros(len(moments))
    edge = np.minimum(moments - speaks[0], speaks[1] - moments)
    return syllables * np.clip(edge / 0.1 + 0.5, 0, 1)
