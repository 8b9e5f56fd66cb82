"""The interval over videos."""

from __future__ import annotations

import math

import numpy as np
import pytest

from affectflow.metrics import CoMoments, bootstrap_over_videos, bootstrap_share


def videos(number: int, seed: int = 0, noise: float = 0.3) -> list[CoMoments]:
    rng = np.random.Generator(np.random.PCG64(seed))
    out = []
    for _ in range(number):
        x = rng.normal(rng.normal(0, 0.3), 0.3, size=rng.integers(20, 200))
        out.append(CoMoments.of(x, x + rng.normal(0, noise) + rng.normal(0, 0.1, size=x.size)))
    return out


@pytest.mark.parametrize("statistic", ["ccc", "pearson", "rmse"])
def test_equals_merging_the_drawn_videos(statistic):
    # The definition, literally: draw video numbers with the same generator, merge by +, take the
    # statistic, take the percentiles.
    given = videos(7)
    rng = np.random.Generator(np.random.PCG64(5))
    draws = rng.integers(0, 7, size=(200, 7))
    values = [getattr(sum((given[i] for i in row), CoMoments()), statistic)() for row in draws]
    expected = np.quantile(values, [0.05, 0.95])
    found = bootstrap_over_videos(given, n=200, seed=5, level=0.9, statistic=statistic)
    assert found == pytest.approx(tuple(expected), abs=1e-10)


@pytest.mark.parametrize("statistic", ["ccc", "pearson", "rmse"])
def test_several_series_give_the_mean_of_their_statistics_over_the_same_draws(statistic):
    # The definition again: one draw a replicate, for all series, and the mean of what they give.
    series = [videos(7, seed) for seed in (0, 1, 2)]
    rng = np.random.Generator(np.random.PCG64(5))
    means = []
    for row in rng.integers(0, 7, size=(200, 7)):
        pooled = [sum((one[i] for i in row), CoMoments()) for one in series]
        means.append(sum(getattr(moments, statistic)() for moments in pooled) / 3)
    expected = np.quantile(means, [0.05, 0.95])
    found = bootstrap_over_videos(*series, n=200, seed=5, level=0.9, statistic=statistic)
    assert found == pytest.approx(tuple(expected), abs=1e-10)


def test_a_series_twice_is_that_series():
    # With draws of its own for each series, the mean of the two would spread less.
    given = videos(7)
    assert bootstrap_over_videos(given, given) == bootstrap_over_videos(given)


def test_replicates_in_which_one_series_has_no_value_are_left_out():
    # Video 0 is not annotated in the second series: a replicate that draws nothing else has no
    # CCC there, whatever the first series gives.
    given, other = videos(2), videos(2, seed=1)
    other[0] = CoMoments()
    means = []
    for row in np.random.Generator(np.random.PCG64(0)).integers(0, 2, size=(50, 2)):
        mean = np.mean([sum((one[i] for i in row), CoMoments()).ccc() for one in (given, other)])
        means += [] if math.isnan(mean) else [mean]
    assert 0 < len(means) < 50
    expected = np.quantile(means, [0.025, 0.975])
    assert bootstrap_over_videos(given, other, n=50) == pytest.approx(tuple(expected), abs=1e-10)


def test_holds_the_pooled_value_and_narrows_with_videos():
    few, many = videos(8), videos(200)
    low, high = bootstrap_over_videos(few, seed=1)
    assert low < sum(few, CoMoments()).ccc() < high
    low_many, high_many = bootstrap_over_videos(many, seed=1)
    assert high_many - low_many < (high - low) / 2


def test_seeded():
    given = videos(6)
    assert bootstrap_over_videos(given, seed=3) == bootstrap_over_videos(given, seed=3)
    assert bootstrap_over_videos(given, seed=3) != bootstrap_over_videos(given, seed=4)


def test_wider_at_a_higher_level():
    given = videos(10)
    low, high = bootstrap_over_videos(given, level=0.5)
    lower, higher = bootstrap_over_videos(given, level=0.99)
    assert lower < low < high < higher


def test_one_video_has_no_width():
    only = videos(1)
    assert bootstrap_over_videos(only) == pytest.approx((only[0].ccc(),) * 2, abs=1e-12)


def test_empty_videos_do_not_count():
    given = [*videos(5), CoMoments()]
    low, high = bootstrap_over_videos(given)
    assert -1 <= low < high <= 1


def test_nothing_to_measure():
    constant = CoMoments.of([0.1, 0.1], [0.1, 0.1])
    assert all(math.isnan(v) for v in bootstrap_over_videos([constant, constant]))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [({"n": 0}, "n is 0"), ({"level": 1.0}, "level is 1.0"), ({"statistic": "r2"}, "r2")],
)
def test_arguments_out_of_range(arguments, named):
    with pytest.raises(ValueError, match=named):
        bootstrap_over_videos(videos(2), **arguments)
    with pytest.raises(ValueError, match="videos is empty"):
        bootstrap_over_videos([])
    with pytest.raises(ValueError, match="videos is empty"):
        bootstrap_over_videos()
    with pytest.raises(ValueError, match=r"series have \[2, 3\] videos"):
        bootstrap_over_videos(videos(2), videos(3))


def test_a_share_equals_adding_up_the_drawn_videos():
    right, total = [1, 0, 5, 2, 0, 7, 3], [4, 1, 5, 8, 0, 9, 3]
    draws = np.random.Generator(np.random.PCG64(5)).integers(0, 7, size=(200, 7))
    values = [sum(right[i] for i in row) / sum(total[i] for i in row) for row in draws]
    expected = np.quantile(values, [0.05, 0.95])
    found = bootstrap_share(right, total, n=200, seed=5, level=0.9)
    assert found == pytest.approx(tuple(expected), abs=1e-12)


def test_a_share_of_many_videos_is_drawn_in_parts_and_stays_the_same(monkeypatch):
    right, total = [1, 0, 1, 0, 1], [1, 1, 2, 1, 3]
    whole = bootstrap_share(right, total, n=50)
    monkeypatch.setattr("affectflow.metrics.bootstrap._DRAWN_AT_ONCE", 23)
    assert bootstrap_share(right, total, n=50) == whole


def test_a_share_without_samples_has_no_interval_and_a_certain_one_no_width():
    assert all(math.isnan(v) for v in bootstrap_share([0, 0], [0, 0]))
    assert bootstrap_share([2, 0, 3], [2, 0, 3]) == (1.0, 1.0)
    # Replicates of the first video alone have no sample: what is left says 1 of 2.
    assert bootstrap_share([0, 1], [0, 2], n=50) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("right", "total", "named"),
    [
        ([], [], "right is empty"),
        ([1], [1, 2], r"right has shape \[1\] and total \[2\]"),
        ([2, 1], [1, 1], "above total"),
        ([-1], [1], "below 0"),
    ],
)
def test_a_share_of_what_cannot_be(right, total, named):
    with pytest.raises(ValueError, match=named):
        bootstrap_share(right, total)
    with pytest.raises(ValueError, match="n is 0"):
        bootstrap_share([1], [1], n=0)
