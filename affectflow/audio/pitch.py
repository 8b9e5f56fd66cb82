"""The pitch of a voice and how much of a voice there is, frame by frame."""

from __future__ import annotations

import numpy as np

LOWEST_HZ, HIGHEST_HZ = 65.0, 600.0
"""From a deep man's voice to a child's, or to a woman's cry."""

VOICED = 0.5
"""Share of a frame's sound that must repeat at its pitch for the pitch to count.

Noise stays below a third: YIN picks the best of some 300 lags, so it repeats a little by chance.
"""


def pitch(samples: np.ndarray, rate: int, window: int, hop: int) -> tuple[np.ndarray, np.ndarray]:
    """Fundamental frequency by YIN (de Cheveigné and Kawahara, 2002), and voicing.

    YIN and not pYIN: pYIN's Viterbi search takes a hundred times as long.

    Args:
        samples: float32 [N].
        rate: Hz.
        window: samples a frame, at least two periods of ``LOWEST_HZ``.
        hop: samples from frame to frame; frame t is centred at sample t * hop.

    Returns:
        f0: float64 [T], Hz; where there is no voice, in between the voiced neighbours; 0 in a clip
            without any.
        voicing: float64 [T] in [0, 1], the normalised autocorrelation at YIN's period.
    """
    import librosa

    f0 = librosa.yin(
        samples, fmin=LOWEST_HZ, fmax=HIGHEST_HZ, sr=rate, frame_length=window, hop_length=hop
    ).astype(np.float64)
    voicing = _repetition(samples, np.rint(rate / f0).astype(np.int64), window, hop)
    voiced = np.flatnonzero(voicing >= VOICED)
    if not len(voiced):
        return np.zeros_like(f0), voicing
    return np.interp(np.arange(len(f0)), voiced, f0[voiced]), voicing


def _repetition(samples: np.ndarray, period: np.ndarray, window: int, hop: int) -> np.ndarray:
    """Normalised autocorrelation of frame t at the lag period[t]: float64 [T], below 0 as 0."""
    import librosa

    # Centred as librosa centres: frame t has half a window before sample t * hop.
    padded = np.pad(samples, window // 2)
    frames = librosa.util.frame(padded, frame_length=window, hop_length=hop)
    frames = frames - frames.mean(axis=0, keepdims=True)
    later = np.arange(window)[:, np.newaxis] + period
    both = later < window
    head = np.where(both, frames, 0)
    tail = np.where(both, np.take_along_axis(frames, np.minimum(later, window - 1), axis=0), 0)
    power = (head**2).sum(axis=0, dtype=np.float64) * (tail**2).sum(axis=0, dtype=np.float64)
    product = (head * tail).sum(axis=0, dtype=np.float64)
    # What 16-bit files have for silence, their last bit trembling, stays below.
    heard = power > 1e-12
    return np.clip(np.divide(product, np.sqrt(power), where=heard, out=np.zeros_like(power)), 0, 1)
