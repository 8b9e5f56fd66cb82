"""What a person feels during a clip, what the face shows of it, and what annotators wrote down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from affectflow.synth.expression import Action, express
from affectflow.synth.photograph import Array
from affectflow.synth.signal import RATE, at, smooth, times, wander
from affectflow.synth.sound import voice
from affectflow.synth.subject import Subject

# Standard deviation of what the face shows beside what is felt: too fast for an annotator to
# follow, so one frame alone is ambiguous and the frames before it are worth something.
DISTURBANCE = 0.24


@dataclass(frozen=True)
class Performance:
    """Signals of one person in one clip, at ``signal.RATE`` values a second.

    Attributes:
        valence, arousal: what is felt, in [-1, 1].
        shown_valence, shown_arousal: what the face shows, fast disturbances included.
        blink, speech: 0 … 1.
        gaze: [2, T], -1 … 1.
        label_valence, label_arousal: the annotation: late, smoothed, a little off; in [-1, 1].
    """

    valence: Array
    arousal: Array
    shown_valence: Array
    shown_arousal: Array
    blink: Array
    speech: Array
    gaze: Array
    label_valence: Array
    label_arousal: Array

    def action(self, t: float, subject: Subject) -> Action:
        """The subject's face at t seconds."""
        return express(
            subject.rest[0] + subject.expressive[0] * float(at(self.shown_valence, t)),
            subject.rest[1] + subject.expressive[1] * float(at(self.shown_arousal, t)),
            skew=subject.skew,
            blink=float(at(self.blink, t)),
            speech=float(at(self.speech, t)),
            gaze=(float(at(self.gaze[0], t)), float(at(self.gaze[1], t))),
        )

    def voice(self, pitch_hz: float, seconds: float, rng: np.random.Generator) -> Array:
        """What is heard of it; see ``sound.voice``."""
        return voice(
            self.shown_valence,
            self.shown_arousal,
            self.speech,
            pitch_hz=pitch_hz,
            seconds=seconds,
            rng=rng,
        )

    def labels(self, t: Array) -> Array:
        """float64 [N, 2] annotated (valence, arousal) at t [N] seconds."""
        return np.stack([at(self.label_valence, t), at(self.label_arousal, t)], -1)


def draw_performance(rng: np.random.Generator, seconds: float) -> Performance:
    """A performance that moves about the plane, most often to the mildly positive."""
    moments = times(seconds)
    count = len(moments)
    felt = _episodes(rng, count)
    shown = [axis + DISTURBANCE * wander(rng, count, 0.12) for axis in felt]
    speech = _speech(rng, moments)
    labels = _annotate(rng, felt)
    gaze = np.stack([np.tanh(wander(rng, count, 1.0)), 0.6 * np.tanh(wander(rng, count, 1.0))])
    return Performance(
        valence=felt[0],
        arousal=felt[1],
        shown_valence=shown[0],
        shown_arousal=shown[1],
        blink=blinks(rng, moments),
        speech=speech,
        gaze=gaze,
        label_valence=labels[0],
        label_arousal=labels[1],
    )


def _episodes(rng: np.random.Generator, count: int) -> tuple[Array, Array]:
    """One feeling after another, each held for a moment; moves are slow at both ends."""
    path = np.empty((2, count))
    now, feeling = 0, _feeling(rng)
    while now < count:
        hold, move = rng.uniform(0.2, 1.4), rng.uniform(0.5, 1.6)
        target = _feeling(rng)
        held = min(now + round(hold * RATE), count)
        path[:, now:held] = feeling[:, None]
        moved = min(held + round(move * RATE), count)
        share = np.arange(moved - held) / (move * RATE)
        path[:, held:moved] = feeling[:, None] + np.outer(
            target - feeling, share**2 * (3 - 2 * share)
        )
        now, feeling = moved, target
    valence, arousal = (np.clip(smooth(axis, 0.12), -1, 1) for axis in path)
    return valence, arousal


def _feeling(rng: np.random.Generator) -> Array:
    """A place in the plane: often mildly positive (as in Aff-Wild2), otherwise anywhere in it."""
    if rng.random() < 0.3:
        return np.clip(rng.normal((0.3, 0.2), 0.2), -1, 1)
    radius, angle = np.sqrt(rng.uniform(0.05, 1.2)), rng.uniform(0, 2 * np.pi)
    return np.clip(radius * np.array([np.cos(angle), np.sin(angle)]), -1, 1)


def _annotate(rng: np.random.Generator, felt: tuple[Array, Array]) -> list[Array]:
    """People annotate with a joystick: 0.2 … 0.4 s late, smoothly, and not quite the value felt."""
    lag = round(rng.uniform(0.2, 0.4) * RATE)
    labels = []
    for axis in felt:
        late = np.concatenate([np.full(lag, axis[0]), axis[: len(axis) - lag]])
        labels.append(np.clip(smooth(late, 0.08) + 0.04 * wander(rng, len(axis), 2.0), -1, 1))
    return labels


def _speech(rng: np.random.Generator, moments: Array) -> Array:
    """Bursts of syllables, about five a second, that open the jaw a little."""
    talking = np.clip(wander(rng, len(moments), 1.5) - 0.4, 0, 1)
    rate = 5 + 0.7 * wander(rng, len(moments), 0.5)
    return 0.22 * talking * (0.5 + 0.5 * np.sin(2 * np.pi * np.cumsum(rate) / RATE))


def blinks(rng: np.random.Generator, moments: Array) -> Array:
    """How shut the lids are, 0 … 1, at moments in s: a blink every few seconds."""
    shut = np.zeros(len(moments))
    t = rng.uniform(0.5, 3)
    while t < moments[-1]:
        shut = np.maximum(shut, np.exp(-0.5 * ((moments - t) / 0.05) ** 2))
        t += rng.uniform(1.5, 5)
    return shut
