"""The sections of a run's page that tell how good its models are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from affectflow.errors import InputError
from pipelines.review.facts import RunDetail
from pipelines.review.page import (
    results_by_video,
    results_classes,
    results_curves,
    results_plane,
    results_table,
    results_timelines,
)
from pipelines.review.page.parts import Section, paragraph
from pipelines.review.page.results_evaluated import Evaluated
from pipelines.review.page.results_parts import capital

_log = logging.getLogger(__name__)

_TITLES = {
    "training": "Training",
    "scores": "Scores",
    "by-video": "By video and by subject",
    "classes": "Classes",
    "timelines": "Predicted and true values over time",
    "plane": "In the valence-arousal plane",
}


def sections(detail: RunDetail) -> list[Section]:
    """Training, scores, videos, and figures of single ones; none of a rebuild, which has no model.

    What is gone or damaged is said in its section; nothing is raised for it. Only the sections
    that fit what the models predict are there: a classifier has no timeline. Their ids begin with
    ``results-``; those of their figures with a section's name, such as ``timelines-0``.
    """
    if detail.facts.kind == "rebuild":
        return []
    found = [_section("training", partial(results_curves.body_of, detail))]
    try:
        evaluated = Evaluated.of(detail)
    except InputError as error:
        why = paragraph(f"{capital(str(error))}.")
        return [*found, _section("scores", lambda: why)]
    bodies = {"scores": results_table.body_of, "by-video": results_by_video.body_of}
    if evaluated.tasks:
        bodies["classes"] = results_classes.body_of
    if evaluated.outputs:
        bodies |= {"timelines": results_timelines.body_of, "plane": results_plane.body_of}
    return found + [_section(name, partial(body, evaluated)) for name, body in bodies.items()]


def _section(name: str, body_of: Callable[[], str]) -> Section:
    """A section, or in its place what went wrong: a page must not fail by one of its parts."""
    try:
        body = body_of()
    except Exception as error:
        _log.warning("section %s of a run's page cannot be made", name, exc_info=True)
        body = paragraph(f"This section cannot be made of what the run left ({error}).")
    return Section(f"results-{name}", _TITLES[name], body)
