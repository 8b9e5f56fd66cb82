"""Smooth random signals over time, sampled when asked."""

from __future__ import annotations

import numpy as np

from affectflow.synth.photograph import Array

RATE = 100  # values a second that a signal is made of


def times(seconds: float) -> Array:
    """The moments (s) at which signals of this length are made, with two seconds to spare."""
    return np.arange(round((seconds + 2) * RATE)) / RATE


def smooth(values: Array, sigma_s: float) -> Array:
    """Gaussian smoothing along time; the ends are held."""
    radius = max(1, round(3 * sigma_s * RATE))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / (sigma_s * RATE)) ** 2)
    padded = np.pad(values, radius, mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")


def wander(rng: np.random.Generator, count: int, timescale_s: float) -> Array:
    """Stationary noise of unit variance that changes over about ``timescale_s``; float [count]."""
    sigma = timescale_s / 2
    radius = max(1, round(3 * sigma * RATE))
    kernel = np.exp(-0.5 * (np.arange(-radius, radius + 1) / (sigma * RATE)) ** 2)
    white = rng.normal(0, 1, count + 2 * radius)
    return np.convolve(white, kernel / np.sqrt((kernel**2).sum()), mode="valid")


def at(values: Array, t: Array | float) -> Array:
    """A signal's value at t seconds, linear between its values."""
    return np.interp(t, np.arange(len(values)) / RATE, values)
