from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np

from affectflow.synth.draw import generator
from affectflow.synth.performance import Performance, draw_performance
from affectflow.synth.sound import SAMPLE_RATE, write_wav


def at_arousal(level: float) -> Performance:
    one = draw_performance(generator(0, "voice"), 2.0)
    flat = np.full_like(one.arousal, level)
    return replace(one, shown_arousal=flat, shown_valence=flat * 0, speech=flat * 0)


def test_pitch_and_loudness_follow_arousal() -> None:
    pitch, power = [], []
    for level in (-1.0, 0.0, 1.0):
        sound = at_arousal(level).voice(160.0, 2.0, generator(0, "breath"))
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
        frequency = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
        low = (frequency > 60) & (frequency < 300)
        pitch.append(frequency[low][spectrum[low].argmax()])
        power.append(np.sqrt((sound**2).mean()))
    # 160 Hz * 1.5 ** arousal, with 1 % of vibrato.
    assert np.allclose(pitch, [106.7, 160, 240], rtol=0.03)
    assert power[0] < power[1] / 2 < power[2] / 4


def test_a_wav_has_the_mean_of_its_voices(tmp_path: Path) -> None:
    write_wav(tmp_path / "v.wav", np.full(1600, 0.5), np.full(1600, -0.25))
    with wave.open(str(tmp_path / "v.wav")) as read:
        assert (read.getnchannels(), read.getframerate(), read.getnframes()) == (
            1,
            SAMPLE_RATE,
            1600,
        )
        samples = np.frombuffer(read.readframes(1600), "<i2")
    assert np.allclose(samples / 32767, 0.125, atol=1e-3)
