"""The vector says what a sound is like, whatever its length, the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affectflow.audio.descriptors import DESCRIPTORS, HOP, descriptors
from affectflow.audio.functionals import FEATURES, FUNCTIONALS, functional_names, functionals
from affectflow.errors import InputError
from affectflow.synth.sound import tone

RATE = 22_050
# The first call compiles what no earlier process has left compiled: seconds to half a minute.
pytestmark = pytest.mark.filterwarnings("error::RuntimeWarning", "error::UserWarning")


def sine(hz: float, seconds: float = 1.0, rate: int = RATE) -> np.ndarray:
    t = np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def sung(hz: float | np.ndarray, seconds: float = 1.0) -> np.ndarray:
    """A voice's harmonics; the synth's tone() counts in samples of 16 kHz."""
    pitch = np.broadcast_to(np.asarray(hz) * 16_000 / RATE, round(seconds * RATE))
    return (0.2 * tone(pitch, np.zeros(1))).astype(np.float32)


def noise(seconds: float = 1.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, round(seconds * RATE)).astype(np.float32)


def described(samples: np.ndarray, rate: int = RATE) -> dict[str, float]:
    return dict(zip(functional_names(), functionals(samples, rate).tolist()))


def test_names_are_of_every_contour_and_statistic_in_order():
    names = functional_names()
    assert len(names) == len(set(names)) == FEATURES == len(functionals(noise(), RATE)) == 1526
    assert names[0] == "mfcc1_mean"
    assert names[len(FUNCTIONALS)] == "mfcc2_mean"
    assert names[-1] == "mfcc13_delta2_max_position"
    related = [name for name in names if name.startswith("mfcc")]
    assert len(related) / FEATURES > 1 / 3


@pytest.mark.parametrize("hz", [110, 220, 440])
def test_a_sine_is_where_it_is(hz):
    found = described(sine(hz))
    assert found["f0_median"] == pytest.approx(hz, rel=0.01)
    assert found["voicing_median"] > 0.99
    # It crosses zero twice a period.
    assert found["zero_crossings_median"] == pytest.approx(2 * hz / RATE, rel=0.05)
    assert found["centroid_median"] == pytest.approx(hz, rel=0.03)
    # A bin is 21.5 Hz wide, and the Hann window's lobe four of them.
    assert found["rolloff_median"] == pytest.approx(hz, abs=2 * RATE / 1024)
    assert found["energy_median"] == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.2)
    assert found["flatness_median"] < 0.01
    # A is the tenth of twelve pitch classes from C.
    pitch_class = {110: 9, 220: 9, 440: 9}[hz]
    chroma = [found[f"chroma{n}_median"] for n in range(12)]
    assert int(np.argmax(chroma)) == pitch_class


def test_loudness_in_decibels():
    loud, soft = described(sung(200)), described(sung(200) / 10)
    assert loud["energy_mean"] - soft["energy_mean"] == pytest.approx(20, abs=0.1)
    assert loud["mfcc1_median"] == pytest.approx(soft["mfcc1_median"], abs=0.5)


def test_noise_has_no_pitch_and_is_flat():
    found = described(noise())
    assert found["f0_max"] == found["f0_min"] == 0
    assert found["voicing_max"] < 0.4
    assert found["flatness_median"] > 0.4
    assert found["zero_crossings_median"] == pytest.approx(0.5, abs=0.03)
    assert found["centroid_median"] == pytest.approx(RATE / 4, rel=0.05)


def test_pitch_goes_on_where_there_is_no_voice():
    voice = sung(180, 0.5)
    found = described(np.concatenate([np.zeros(RATE // 2, np.float32), voice, noise(0.5) / 30]))
    # Octave errors at the seams are the worst that may happen, and they are few.
    assert found["f0_quartile1"] == pytest.approx(180, rel=0.02)
    assert found["f0_quartile3"] == pytest.approx(180, rel=0.02)
    assert found["voicing_min"] < 0.3


def test_a_rising_pitch_has_a_slope():
    found = described(sung(np.linspace(150, 250, 2 * RATE), 2.0))
    assert found["f0_slope"] == pytest.approx(50, rel=0.05)
    assert found["f0_residual"] < 5
    assert found["f0_range"] == pytest.approx(100, rel=0.1)
    assert found["f0_delta_median"] == pytest.approx(50 * HOP / RATE, rel=0.1)
    assert found["f0_max_position"] > 0.95


def test_statistics_are_those_of_the_contours():
    samples = sung(np.linspace(150, 250, RATE)) + noise()
    contours = descriptors(samples, RATE)
    found = functionals(samples, RATE).reshape(len(DESCRIPTORS), len(FUNCTIONALS))
    time = np.arange(contours.shape[1]) * HOP / RATE

    def column(name: str) -> np.ndarray:
        return found[:, FUNCTIONALS.index(name)]

    from scipy import stats

    for name, expected in {
        "mean": contours.mean(axis=1),
        "std": contours.std(axis=1),
        "skewness": stats.skew(contours, axis=1),
        "kurtosis": stats.kurtosis(contours, axis=1),
        "min": contours.min(axis=1),
        "max": contours.max(axis=1),
        "range": np.ptp(contours, axis=1),
        "median": np.median(contours, axis=1),
        "iqr": stats.iqr(contours, axis=1),
        "slope": np.polyfit(time, contours.T, 1)[0],
    }.items():
        varying = contours.std(axis=1) > 1e-6 * np.abs(contours).max(axis=1)
        np.testing.assert_allclose(
            column(name)[varying], expected[varying], rtol=1e-4, atol=1e-6, err_msg=name
        )


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(RATE, np.float32),
        np.full(RATE, 0.5, np.float32),
        np.zeros(0, np.float32),
        np.zeros(1, np.float32),
        np.ones(1, np.float32),
        sine(200)[:100],
        sine(200)[:1024],
        np.eye(1, RATE, 700, dtype=np.float32)[0],
        np.sign(sine(200)),
    ],
    ids=["silence", "offset", "nothing", "a zero", "a one", "short", "window", "click", "square"],
)
def test_all_is_finite(samples):
    assert np.isfinite(functionals(samples, RATE)).all()


def test_silence_is_the_same_however_long_and_whatever_its_offset():
    silence = functionals(np.zeros(RATE, np.float32), RATE)
    np.testing.assert_array_equal(functionals(np.zeros(100, np.float32), RATE), silence)
    np.testing.assert_array_equal(functionals(np.full(RATE, 0.25, np.float32), RATE), silence)
    assert described(np.zeros(RATE, np.float32))["energy_max"] == pytest.approx(-100)


@settings(max_examples=15, deadline=None)
@given(length=st.integers(0, 4000), seed=st.integers(0, 9), rate=st.sampled_from([16_000, RATE]))
def test_any_length_gives_one_finite_vector_again_and_again(length, seed, rate):
    samples = noise(seed=seed)[:length]
    before = samples.copy()
    vector = functionals(samples, rate)
    assert vector.shape == (FEATURES,)
    assert vector.dtype == np.float32
    assert np.isfinite(vector).all()
    np.testing.assert_array_equal(functionals(samples, rate), vector)
    np.testing.assert_array_equal(samples, before)


@pytest.mark.parametrize(
    ("samples", "rate", "message"),
    [
        (noise(), 8000, "rate is 8000; it must be from 16000 to 32000 Hz"),
        (noise(), 48_000, "rate is 48000"),
        (noise().reshape(2, -1), RATE, r"samples are float32 \[2, 11025\]; they must be finite"),
        (noise().astype(np.float64), RATE, r"samples are float64 \[22050\]"),
        (np.full(9, np.nan, np.float32), RATE, r"samples are float32 \[9\]"),
    ],
)
def test_what_is_refused(samples, rate, message):
    with pytest.raises(InputError, match=message):
        functionals(samples, rate)
