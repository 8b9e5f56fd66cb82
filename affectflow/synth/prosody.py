"""How an emotion sounds beyond its valence and arousal: a manner of speaking for each expression.

Anger, fear and surprise are as aroused as each other; what tells them apart in a voice is tempo,
how far and where the pitch moves, and trembling (Banse and Scherer, "Acoustic profiles in vocal
emotion expression", 1996, for the directions; the amounts are ours).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from affectflow.emotions import EMOTIONS
from affectflow.synth.photograph import Array
from affectflow.synth.signal import at, wander
from affectflow.synth.sound import SAMPLE_RATE, loudness, tone

AFFECT = {**EMOTIONS, "calm": (0.20, -0.50)}
"""Expression -> (valence, arousal). Yin et al. do not place calm: ours is mildly pleasant and
halfway to sleep, the lower right of the circumplex."""


@dataclass(frozen=True)
class Manner:
    """A way of speaking.

    Attributes:
        rate: syllables a second.
        swing: standard deviation of the pitch's melody, semitones.
        glide: how much higher the pitch ends than it began, semitones.
        tremor: the pitch's trembling at 9 Hz, as a share of it.
        breath: amplitude of the breath's noise, 0 … 1.
    """

    rate: float = 4.5
    swing: float = 1.2
    glide: float = 0.0
    tremor: float = 0.005
    breath: float = 0.003


MANNERS = {
    "neutral": Manner(),
    "anger": Manner(rate=5.6, swing=2.0, glide=-3.0),
    "contempt": Manner(rate=3.6, swing=1.5, glide=-4.0),
    "disgust": Manner(rate=3.2, swing=1.5, glide=-6.0, breath=0.008),
    "fear": Manner(rate=7.0, swing=1.0, glide=1.0, tremor=0.05, breath=0.015),
    "joy": Manner(rate=5.2, swing=4.0, glide=2.0),
    "sadness": Manner(rate=2.8, swing=0.8, glide=-2.0, tremor=0.02, breath=0.008),
    "surprise": Manner(rate=4.0, swing=3.0, glide=9.0),
    "embarrassment": Manner(rate=3.4, swing=1.0, glide=1.0, breath=0.006),
    "pride": Manner(rate=3.8, swing=2.0, glide=0.0),
    "calm": Manner(rate=3.4, swing=0.6, glide=-1.0),
}


def speak(
    expression: str,
    strength: Array,
    speech: Array,
    pitch_hz: float,
    seconds: float,
    rng: np.random.Generator,
) -> Array:
    """float64 [seconds * 16000] in [-1, 1]: a voice without words in an expression.

    Args:
        expression: a name of ``MANNERS``.
        strength: signal (``signal.RATE`` a second) of how strongly it is expressed, 0 neutral … 1.
        speech: signal of the syllables, 0 … 1, silent at 0.
        pitch_hz: of the speaker at rest.
        seconds: length.
        rng: of the melody, the breath, and how near the microphone is.
    """
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    share = np.clip(at(strength, t), 0, 1.2)
    valence, arousal = AFFECT[expression]
    manner, plain = MANNERS[expression], MANNERS["neutral"]

    def amount(field: str) -> Array:
        here, rest = getattr(manner, field), getattr(plain, field)
        return rest + share * (here - rest)

    melody = at(wander(rng, len(strength), 0.5), t)
    semitones = amount("swing") * melody + amount("glide") * (t / max(seconds, 1e-9) - 0.5)
    # Nobody is in the same voice every time.
    semitones = semitones + rng.normal(0, 1.0)
    gain = 10 ** (rng.normal(0, 2.0) / 20)
    pitch = pitch_hz * 1.5 ** (arousal * share) * 2 ** (semitones / 12)
    pitch = pitch * (1 + amount("tremor") * np.sin(2 * np.pi * 9 * t))
    sung = 0.8 * gain * loudness(arousal * share) * at(speech, t) * tone(pitch, valence * share)
    return np.clip(sung + amount("breath") * rng.normal(0, 1, len(t)), -1, 1)
