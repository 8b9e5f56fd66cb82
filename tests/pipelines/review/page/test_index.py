"""The index of runs, of facts that are made up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pipelines.review.facts import Headline, RunFacts
from pipelines.review.page.index import index_page
from tests.pipelines.review.page.html_page import check

SCORE = "mean CCC 0.500 (0.400 to 0.600)"
BESIDE = "2 of the 4 clips for evaluation are equal to training clips"


def released(number, beside_score=""):
    return RunFacts(
        f"demo_release.r{number}", "demo_release", "demo", "release", "complete",
        started=datetime(2026, 1, number, tzinfo=UTC),
        headline=Headline("rnn", "ccc_mean", 0.5, 0.4, 0.6, 30),
        beside_score=beside_score, release=number,
    )  # fmt: skip


def test_a_score_on_equal_clips_is_marked_wherever_it_stands():
    found = check(index_page([released(2, BESIDE), released(1)], (), "/ws"))
    # In the list of runs and in that of releases, of two runs one in each.
    assert found.text.count(f"{SCORE}*") == 2
    assert found.text.count(SCORE) == 4
    # In words below both, and below the metric's course.
    assert found.text.count("* Some clips for evaluation are equal to training clips") == 3


@pytest.mark.parametrize(
    "runs",
    [
        [released(1)],
        # A rebuild has equal clips, and no score.
        [RunFacts("demo_rebuild.r1", "demo_rebuild", "demo", "rebuild", beside_score=BESIDE)],
    ],
)
def test_without_such_a_score_there_is_no_mark(runs):
    assert "equal to training clips" not in check(index_page(runs, (), "/ws")).text
