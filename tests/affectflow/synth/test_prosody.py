from __future__ import annotations

import numpy as np

from affectflow.corpora.classes import EXPRESSION, TASKS
from affectflow.synth.draw import generator
from affectflow.synth.posed import draw_posed
from affectflow.synth.prosody import AFFECT, MANNERS
from affectflow.synth.sound import SAMPLE_RATE


def say(expression: str, number: int, intensity: float = 1.0) -> np.ndarray:
    rng = generator(number, "say", expression)
    posed = draw_posed(rng, expression, 2.0, intensity, (-0.3, 0.0), speaks=(0.2, 1.8))
    return posed.voice(150.0, 2.0, rng)


def level(sound: np.ndarray) -> float:
    return float(10 * np.log10((sound**2).mean()))


def pitch(sound: np.ndarray) -> float:
    """Hz of the strongest place from 60 to 450 Hz."""
    spectrum = np.abs(np.fft.rfft(sound))
    frequency = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    low = (frequency > 60) & (frequency < 450)
    return float(np.average(frequency[low], weights=spectrum[low] ** 2))


def test_every_expression_has_a_voice() -> None:
    assert set(MANNERS) == set(AFFECT) == set(TASKS[EXPRESSION])


def test_energy_and_pitch_follow_the_emotion() -> None:
    names = ("anger", "fear", "surprise", "neutral", "sadness", "calm")
    loud = {name: np.mean([level(say(name, n)) for n in range(8)]) for name in names}
    high = {name: np.mean([pitch(say(name, n)) for n in range(8)]) for name in names}
    for aroused in ("anger", "fear", "surprise"):
        assert loud[aroused] > loud["neutral"] + 5
        assert high[aroused] > 1.2 * high["neutral"]
    for low in ("sadness", "calm"):
        assert loud[low] < loud["neutral"] - 3
        assert high[low] < 0.9 * high["neutral"]


def test_a_weaker_emotion_is_nearer_to_neutral() -> None:
    levels = [np.mean([level(say("anger", n, share)) for n in range(8)]) for share in (0, 0.5, 1)]
    assert levels[0] + 2 < levels[1] < levels[2] - 2


def test_there_is_only_breath_before_and_after_the_words() -> None:
    sound = say("anger", 0)
    assert np.abs(sound).max() <= 1
    quiet, words = sound[: SAMPLE_RATE // 10], sound[SAMPLE_RATE // 2 : SAMPLE_RATE]
    assert quiet.std() < 0.02 < words.std()
    assert len(sound) == 2 * SAMPLE_RATE
