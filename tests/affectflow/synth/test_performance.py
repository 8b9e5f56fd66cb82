from __future__ import annotations

import numpy as np
import pytest

from affectflow.synth.draw import generator
from affectflow.synth.performance import Performance, draw_performance
from affectflow.synth.signal import RATE, smooth, wander
from affectflow.synth.subject import draw_subject


@pytest.fixture(scope="module")
def many() -> list[Performance]:
    return [draw_performance(generator(0, "test", number), 20.0) for number in range(60)]


def test_feelings_and_labels_stay_in_the_plane(many: list[Performance]) -> None:
    for one in many:
        for axis in (one.valence, one.arousal, one.label_valence, one.label_arousal):
            assert np.abs(axis).max() <= 1
            assert len(axis) >= 20 * RATE


def test_the_plane_is_covered_but_not_evenly(many: list[Performance]) -> None:
    valence = np.concatenate([one.label_valence for one in many])
    arousal = np.concatenate([one.label_arousal for one in many])
    cells, _, _ = np.histogram2d(valence, arousal, bins=6, range=[[-1, 1], [-1, 1]])
    # All but the corners, which lie outside the disc that feelings are drawn from.
    assert (cells > 0).sum() >= 32
    # Mildly positive is where Aff-Wild2 is dense as well.
    assert cells[3:5, 3:5].mean() > 2 * cells.mean()
    assert valence.std() > 0.35
    assert arousal.std() > 0.35


def test_annotators_are_two_to_four_tenths_of_a_second_late(many: list[Performance]) -> None:
    delays = []
    for one in many:
        felt, label = one.valence - one.valence.mean(), one.label_valence - one.label_valence.mean()
        lags = range(0, RATE)
        scores = [float(np.dot(felt[: len(felt) - lag], label[lag:])) for lag in lags]
        delays.append(int(np.argmax(scores)) / RATE)
    assert 0.25 < float(np.median(delays)) < 0.35
    assert np.percentile(delays, 5) > 0.12
    assert np.percentile(delays, 95) < 0.48


def test_frames_before_it_tell_more_about_a_label_than_its_own_frame(
    many: list[Performance],
) -> None:
    """A mean over the last 0.6 s of the face fits the labels better than its last moment."""
    now, before, label = [], [], []
    for one in many:
        shown = one.shown_valence
        mean = np.convolve(shown, np.ones(60) / 60)[: len(shown)]
        for moment in range(100, 2000, 10):
            now.append(shown[moment])
            before.append(mean[moment])
            label.append(one.label_valence[moment])
    alone, in_context = (np.corrcoef(values, label)[0, 1] for values in (now, before))
    assert 0.6 < alone < 0.9
    assert in_context > alone + 0.06


def test_the_same_draw_gives_the_same_performance_and_face() -> None:
    one, two = (draw_performance(generator(1, "x"), 5.0) for _ in range(2))
    subject = draw_subject(0, 0)
    assert one.action(1.25, subject) == two.action(1.25, subject)
    assert one.action(1.25, subject) != one.action(2.5, subject)


def test_wander_has_unit_variance_and_smoothing_keeps_a_constant() -> None:
    noise = wander(np.random.default_rng(0), 200_000, 0.5)
    assert noise.std() == pytest.approx(1, abs=0.05)
    assert abs(noise.mean()) < 0.05
    assert smooth(np.full(300, 0.7), 0.2) == pytest.approx(np.full(300, 0.7))
