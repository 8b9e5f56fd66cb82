"""Low-level descriptors: what a sound is like, every 12 ms."""

from __future__ import annotations

import numpy as np

from affectflow.audio.pitch import pitch
from affectflow.errors import InputError

WINDOW = 1024
"""Samples a frame: 46 ms at 22 050 Hz, three periods of the deepest voice."""

HOP = 256
"""Samples from frame to frame: 12 ms at 22 050 Hz."""

MIN_RATE, MAX_RATE = 16_000, 32_000
"""Below, the bands reach over half the rate; above, a frame is too short for a deep voice."""

MFCCS, BANDS, OCTAVES, CHROMA = 13, 8, 7, 12
_MEL_FILTERS = 40
_HIGHEST_HZ = 8000.0

_PLAIN = (
    *(f"mfcc{n}" for n in range(1, MFCCS + 1)),
    *(f"mel{n}" for n in range(BANDS)),
    *(f"contrast{n}" for n in range(OCTAVES)),
    *(f"chroma{n}" for n in range(CHROMA)),
    "energy",
    "zero_crossings",
    "centroid",
    "bandwidth",
    "rolloff",
    "flatness",
    "f0",
    "voicing",
)

DESCRIPTORS = (
    *_PLAIN,
    *(f"{name}_delta" for name in _PLAIN),
    *(f"mfcc{n}_delta2" for n in range(1, MFCCS + 1)),
)
"""Names of the contours, in their order.

``mfcc1`` … ``mfcc13``: mel-frequency cepstral coefficients over 40 filters up to 8 kHz, dB. The
    0th, the loudness, is left to ``energy``.
``mel0`` … ``mel7``: power in 8 mel bands up to 8 kHz, dB.
``contrast0`` … ``contrast6``: peaks over valleys of the spectrum below 200 Hz and in six octaves
    from there, dB.
``chroma0`` … ``chroma11``: power by pitch class from C, the strongest 1.
``energy``: root mean square, dB.
``zero_crossings``: share of the samples, in [0, 1].
``centroid``, ``bandwidth``, ``rolloff``: mean and spread of the spectrum and where 85 % of it lie
    below, Hz.
``flatness``: from 0, a tone, to 1, noise.
``f0``, ``voicing``: see :func:`affectflow.audio.pitch.pitch`.
``…_delta``, ``…_delta2``: first and second derivative by frame, over nine frames.
"""


def descriptors(samples: np.ndarray, rate: int) -> np.ndarray:
    """The contours of a sound.

    Args:
        samples: float32 [N], one channel in [-1, 1], finite; fewer than a window are followed by
            silence.
        rate: Hz, ``MIN_RATE`` … ``MAX_RATE``.

    Returns:
        float64 [len(DESCRIPTORS), T], T = 1 + max(N, WINDOW) // HOP, finite.

    Raises:
        InputError: the rate is too low or too high, or the samples are not such an array.
    """
    import librosa

    samples = _checked(samples, rate)
    magnitude = np.abs(librosa.stft(samples, n_fft=WINDOW, hop_length=HOP))
    power = magnitude**2
    mel = librosa.feature.melspectrogram(S=power, sr=rate, n_mels=_MEL_FILTERS, fmax=_HIGHEST_HZ)
    bands = librosa.feature.melspectrogram(S=power, sr=rate, n_mels=BANDS, fmax=_HIGHEST_HZ)
    rms = librosa.feature.rms(y=samples, frame_length=WINDOW, hop_length=HOP)
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=MFCCS + 1)[1:]
    plain = np.concatenate(
        [
            mfcc,
            librosa.power_to_db(bands),
            librosa.feature.spectral_contrast(S=magnitude, sr=rate, n_bands=OCTAVES - 1),
            # Voices have no tuning: to estimate one would add noise and time.
            librosa.feature.chroma_stft(S=power, sr=rate, tuning=0.0, n_chroma=CHROMA),
            librosa.amplitude_to_db(rms),
            librosa.feature.zero_crossing_rate(samples, frame_length=WINDOW, hop_length=HOP),
            librosa.feature.spectral_centroid(S=magnitude, sr=rate),
            librosa.feature.spectral_bandwidth(S=magnitude, sr=rate),
            librosa.feature.spectral_rolloff(S=magnitude, sr=rate),
            librosa.feature.spectral_flatness(S=magnitude),
            np.stack(pitch(samples, rate, WINDOW, HOP)),
        ]
    ).astype(np.float64)
    # nearest: a clip may be shorter than the nine frames over which a derivative is taken.
    first = librosa.feature.delta(plain, mode="nearest")
    second = librosa.feature.delta(plain[:MFCCS], order=2, mode="nearest")
    return np.concatenate([plain, first, second])


def _checked(samples: np.ndarray, rate: int) -> np.ndarray:
    if not MIN_RATE <= rate <= MAX_RATE:
        raise InputError(f"rate is {rate}; it must be from {MIN_RATE} to {MAX_RATE} Hz")
    if samples.ndim != 1 or samples.dtype != np.float32 or not np.isfinite(samples).all():
        raise InputError(
            f"samples are {samples.dtype} {list(samples.shape)};"
            " they must be finite float32 [N], one channel"
        )
    if len(samples):
        # A microphone's offset would be a step at both ends, and hide where the sound crosses zero.
        samples = samples - samples.mean(dtype=np.float64).astype(np.float32)
    return np.pad(samples, (0, max(0, WINDOW - len(samples))))
