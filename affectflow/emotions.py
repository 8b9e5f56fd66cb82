"""Names for points of the valence-arousal plane."""

from __future__ import annotations

import math

EMOTIONS: dict[str, tuple[float, float]] = {
    "disgust": (-0.68, 0.50),
    "contempt": (-0.57, 0.66),
    "sadness": (-0.50, -0.86),
    "anger": (-0.40, 0.80),
    "embarrassment": (-0.31, -0.60),
    "fear": (-0.11, 0.79),
    "neutral": (0.00, 0.00),
    "pride": (0.31, 0.55),
    "surprise": (0.38, 0.92),
    "joy": (0.95, 0.12),
}
"""Valence and arousal of emotions: Yin et al. (paper 1), Table 2."""


def nearest_emotion(valence: float, arousal: float) -> str:
    """The emotion whose point is closest (paper 1, Sec. 3); "" where a value is NaN."""
    if math.isnan(valence) or math.isnan(arousal):
        return ""
    return min(EMOTIONS, key=lambda name: math.dist(EMOTIONS[name], (valence, arousal)))
