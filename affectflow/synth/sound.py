"""A voice without words whose pitch and loudness follow arousal."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from affectflow.synth.photograph import Array
from affectflow.synth.signal import at

SAMPLE_RATE = 16_000


def voice(
    valence: Array,
    arousal: Array,
    speech: Array,
    *,
    pitch_hz: float,
    seconds: float,
    rng: np.random.Generator,
) -> Array:
    """float64 [seconds * 16000] in [-1, 1]: harmonics of a pitch that rises by half with arousal.

    Loudness grows 16-fold (24 dB) from arousal -1 to 1; syllables and breath lie over it.

    Args:
        valence, arousal: what is shown, in [-1, 1], ``signal.RATE`` values a second.
        speech: how far the mouth is open for speaking, as many.
    """
    t = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    arousal, valence = at(arousal, t), at(valence, t)
    pitch = pitch_hz * 1.5 ** np.clip(arousal, -1.3, 1.3) * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * t))
    syllables = 0.35 + 2.0 * at(speech, t)
    breath = 0.003 * rng.normal(0, 1, len(t))
    sung = 0.5 * loudness(arousal) * syllables * tone(pitch, valence)
    return np.clip(sung + breath, -1, 1)


def loudness(arousal: Array) -> Array:
    """Amplitude of a voice: 24 dB from arousal -1 to 1."""
    return 0.08 * 4.0 ** np.clip(arousal, -1.2, 1.2)


def tone(pitch_hz: Array, valence: Array) -> Array:
    """Eight harmonics of a pitch [samples], brighter (more of the upper ones) with valence."""
    phase = 2 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE
    tilt = 1.4 - 0.4 * np.clip(valence, -1, 1)
    sung = np.zeros(len(phase))
    for harmonic in range(1, 9):
        sung += np.sin(harmonic * phase) / harmonic**tilt
    return sung


def write_wav(path: Path, *voices: Array) -> None:
    """Writes voices mixed into one channel, 16-bit PCM at 16 kHz."""
    mixed = sum(voices) / max(1, len(voices))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes((np.clip(mixed, -1, 1) * 32767).astype("<i2").tobytes())
