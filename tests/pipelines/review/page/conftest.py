"""Pages of recorded runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipelines.review.detail import detail_of
from pipelines.review.pages import page_of
from pipelines.review.runs import Sources, look_up
from pipelines.review.store import open_store
from tests.pipelines.review.page.furnish import furnish
from tests.pipelines.review.page.html_page import Page, check

EVIL = "<script>alert(1)</script>.mp4"
VIDEOS = {"a": ("S1", "train"), EVIL: ("S2", "train"), "c": ("S3", "eval")}


@pytest.fixture
def page(recorder) -> Callable[..., Page]:
    """page("demo_release.r2"): the page, checked."""

    def make(run_id: str, pictures: bool = True, full: bool = True) -> Page:
        return check(text_of(recorder, run_id, pictures, full))

    return make


def text_of(recorder, run_id, pictures=True, full=True) -> str:
    place = recorder.workspace
    sources = Sources.of(place, open_store(place, environment={}))
    begun = next(run for run in sources.runs if run.run_id == run_id)
    return page_of(sources, detail_of(sources, look_up(sources, begun)), pictures, full)


@pytest.fixture
def furnished(told):
    """The rebuild of ``told`` with all its data; one of its videos has an evil name."""
    furnish(told.rebuilt, VIDEOS)
    return told
