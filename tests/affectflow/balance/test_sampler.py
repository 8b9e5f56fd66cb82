from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from affectflow.balance.grid import DensityGrid
from affectflow.balance.sampler import (
    RULES,
    SUBSETS,
    SamplerSettings,
    eligible,
    keep_mask,
    keep_probability,
    reckoned,
    uniform,
)
from affectflow.errors import InputError

histograms = arrays(np.int64, (4, 4), elements=st.integers(0, 10_000))


@pytest.mark.parametrize(
    ("subset", "rule", "expected"),
    [
        # H = 8, 2, 2, 0: max 8, mean (8 + 2 + 2 + 0) / 4 = 3, their mean 5.5.
        ("all", "paper", [1, 1, 1, 1]),
        ("all", "cap", [1, 1, 1, 1]),
        ("max", "paper", [0, 1 - 2 / 8, 1 - 2 / 8, 1]),
        ("mean", "paper", [0, 1 - 2 / 3, 1 - 2 / 3, 1]),
        ("max_mean", "paper", [0, 1 - 2 / 5.5, 1 - 2 / 5.5, 1]),
        ("max", "cap", [1, 1, 1, 1]),
        ("mean", "cap", [3 / 8, 1, 1, 1]),
        ("max_mean", "cap", [5.5 / 8, 1, 1, 1]),
        # What is counted is another matter; the probability is the paper's either way.
        ("max_mean", "paper_text", [0, 1 - 2 / 5.5, 1 - 2 / 5.5, 1]),
        ("mean", "paper_text", [0, 1 - 2 / 3, 1 - 2 / 3, 1]),
    ],
)
def test_probabilities_worked_out_by_hand(subset, rule, expected):
    settings = SamplerSettings(subset=subset, rule=rule, cells=2)
    found = keep_probability(np.array([[8, 2], [2, 0]]), settings)
    np.testing.assert_allclose(found, np.reshape(expected, (2, 2)), rtol=1e-12)


@given(histograms, st.sampled_from(SUBSETS), st.sampled_from(RULES))
def test_probabilities_are_in_bounds_and_never_rise_with_density(histogram, subset, rule):
    found = keep_probability(histogram, SamplerSettings(subset=subset, rule=rule, cells=4))
    assert found.shape == (4, 4)
    assert ((found >= 0) & (found <= 1)).all()
    by_density = found.ravel()[np.argsort(histogram.ravel())]
    assert (np.diff(by_density) <= 1e-12).all()


@given(histograms.filter(np.any), st.sampled_from(("max", "mean", "max_mean")))
def test_the_cap_expects_at_most_m_frames_a_cell(histogram, subset):
    m = {
        "max": histogram.max(),
        "mean": histogram.mean(),
        "max_mean": (histogram.max() + histogram.mean()) / 2,
    }[subset]
    settings = SamplerSettings(subset=subset, rule="cap", cells=4)
    expected = histogram * keep_probability(histogram, settings)
    np.testing.assert_allclose(expected, np.minimum(histogram, m), rtol=1e-12)


def test_an_empty_histogram_keeps_all():
    assert (keep_probability(np.zeros((40, 40), np.int64), SamplerSettings()) == 1).all()


def test_a_histogram_of_another_size():
    with pytest.raises(ValueError, match=r"\(4, 4\), wanted \(40, 40\)"):
        keep_probability(np.zeros((4, 4), np.int64), SamplerSettings())


def test_the_number_is_the_hash_that_the_docstring_says():
    digest = hashlib.blake2b(b"7\0clip\0" + (300).to_bytes(8, "little"), digest_size=8).digest()
    expected = (int.from_bytes(digest, "little") >> 11) / 2**53
    assert uniform(7, "clip", 300) == expected


def test_the_numbers_are_uniform():
    draws = uniform(0, "clip", np.arange(20_000))
    assert draws.min() >= 0
    assert draws.max() < 1
    # Ten classes of 2000 each: chi-square with 9 degrees of freedom is below 33.7 with p = .9999.
    counts = np.histogram(draws, bins=10, range=(0, 1))[0]
    assert ((counts - 2000) ** 2 / 2000).sum() < 33.7
    assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 0.03


@given(st.lists(st.integers(0, 2**40), max_size=20), st.text(max_size=10), st.integers(0, 9))
def test_a_frame_has_its_number_whatever_is_asked_with_it(frames, video, seed):
    together = uniform(seed, video, np.array(frames, np.int64))
    alone = [float(uniform(seed, video, frame)) for frame in frames]
    assert together.tolist() == alone


def test_seed_video_and_frame_all_matter():
    base = uniform(0, "clip", np.arange(50))
    assert not np.isin(uniform(1, "clip", np.arange(50)), base).any()
    assert not np.isin(uniform(0, "clip2", np.arange(50)), base).any()
    assert len(set(base.tolist())) == 50


def test_zero_frames_are_dropped_only_if_asked_and_counted_or_not_by_the_rule():
    labels = np.float32([[0, 0], [0, 0.1], [0.1, 0], [np.nan, np.nan], [-0.0, 0.0], [0, np.nan]])
    expected = [False, True, True, False, False, False]
    with_zero = [True, True, True, False, True, False]
    for rule in RULES:
        for drop_zero, keeps in ((True, expected), (False, with_zero)):
            settings = SamplerSettings(rule=rule, drop_zero=drop_zero)
            assert eligible(labels, settings).tolist() == keeps
            mask = keep_mask("clip", np.arange(6), labels, np.ones((40, 40)), settings)
            assert mask.tolist() == keeps
            # The paper's code counts (0, 0) whatever is kept; its text removes them before.
            assert reckoned(labels, settings).tolist() == (with_zero if rule == "paper" else keeps)


@pytest.mark.parametrize(("rule", "kept"), [("paper", True), ("paper_text", False), ("cap", False)])
def test_the_whole_set_of_the_paper_s_code_keeps_frames_at_zero(rule, kept):
    # Its ``balanced=False`` reads every annotated frame: 12 451 batches of 128.
    settings = SamplerSettings(subset="all", rule=rule)
    assert eligible(np.float32([[0, 0]]), settings).tolist() == [kept]
    assert eligible(np.float32([[0.1, 0]]), settings).tolist() == [True]


@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.sampled_from(RULES))
def test_what_is_kept_does_not_depend_on_order_or_shards(seed, count, rule):
    generator = np.random.Generator(np.random.PCG64(seed))
    labels = generator.uniform(-1, 1, (count, 2)).astype(np.float32)
    labels[generator.random(count) < 0.1] = np.nan
    settings = SamplerSettings(rule=rule, cells=3, seed=5)
    histogram = DensityGrid(3).histogram(*labels.T)
    probability = keep_probability(histogram, settings)
    frames = generator.permutation(count)
    together = keep_mask("clip", frames, labels[frames], probability, settings)
    alone = [
        bool(keep_mask("clip", [frame], labels[[frame]], probability, settings)[0])
        for frame in frames
    ]
    assert together.tolist() == alone
    assert not together[np.isnan(labels[frames]).any(axis=1)].any()


def test_the_kept_share_of_a_cell_is_its_probability():
    # One dense cell of 20 000 and three of 2 000. M = (20 000 + 6 500) / 2 = 13 250 for cap:
    # 13 250 expected of the dense one, standard deviation sqrt(20 000 · .6625 · .3375) = 67.
    centres = np.float32([[-0.5, -0.5], [-0.5, 0.5], [0.5, -0.5], [0.5, 0.5]])
    labels = np.repeat(centres, [20_000, 2_000, 2_000, 2_000], axis=0)
    for rule, dense, sparse in (("cap", 13_250, 2_000), ("paper", 0, 2_000 * (1 - 2_000 / 13_250))):
        settings = SamplerSettings(rule=rule, cells=2)
        grid = DensityGrid(2)
        probability = keep_probability(grid.histogram(*labels.T), settings)
        kept = labels[keep_mask("clip", np.arange(len(labels)), labels, probability, settings)]
        found = grid.histogram(*kept.T).ravel()
        assert found[0] == pytest.approx(dense, abs=5 * 67)
        # Standard deviation sqrt(2 000 · .85 · .15) = 16.
        assert found[1:] == pytest.approx(sparse, abs=5 * 16)


@pytest.mark.parametrize(
    ("field", "value"),
    [("subset", "3"), ("rule", "true"), ("cells", 0), ("cells", 5000), ("drop_zero", 2)],
)
def test_settings_name_the_field_and_what_would_do(field, value):
    with pytest.raises(InputError, match=f"{field} is {value!r}; .* would do"):
        SamplerSettings(**{field: value})
