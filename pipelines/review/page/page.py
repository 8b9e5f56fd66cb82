"""A run's page: its sections in one file that needs nothing else, no script and no network.

It is served under a policy that allows its own styles and its pictures within it, nothing more
(see dags/report_server.py).
"""

from __future__ import annotations

import html
import importlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from pipelines.review.facts import RunDetail
from pipelines.review.page import answers, nodes, settings
from pipelines.review.page.parts import Section, paragraph
from pipelines.review.page.style import STYLE

_log = logging.getLogger(__name__)

INDEX = "index.html"
RESULTS = "pipelines.review.page.results"
"""The module with the sections of an evaluation: ``sections(run) -> list[Section]``."""

Make = Callable[[], Section | Sequence[Section]]


def write_page(
    run: RunDetail,
    previous: RunDetail | None,
    pictures: bool,
    *,
    rebuild: RunDetail | None = None,
    earlier: RunDetail | None = None,
    root: str = "",
) -> str:
    """The page of a run with everything on it; drawing takes seconds.

    Args:
        previous: the run of the same pipeline before it; None = there is none.
        pictures: False leaves pictures of people out.
        rebuild: whose data the run works on, which is itself for a rebuild; None = not known.
        earlier: the rebuild before that one; None = there is none.
        root: the workspace's folder.
    """
    # Here, since they lead to NumPy and to Matplotlib, for which a light page does not wait.
    from pipelines.review.page import card, crops, data, drift, lineage
    from pipelines.review.places import places_of
    from pipelines.review.profile import profile_of

    places = (places_of(rebuild, run), places_of(earlier))
    profile = profile_of(places[0])
    before = profile_of(places[1]) if earlier is not None else None
    makes: list[tuple[str, str, Make]] = [
        ("answers", "In short", lambda: answers.section(run, previous)),
        ("data", "Data", lambda: data.section(run, profile)),
        ("examples", "Examples", lambda: crops.section(places[0].frames, pictures)),
        ("results", "Results", lambda: _results(run)),
        ("drift", "Drift", lambda: drift.section(rebuild, earlier, (profile, before), places)),
        ("lineage", "Lineage", lambda: lineage.section(run, rebuild)),
        ("nodes", "Nodes", lambda: nodes.section(run, root)),
        ("settings", "Settings", lambda: settings.section(run)),
    ]
    if run.facts.kind == "release":
        makes.append(("card", "Model card", lambda: card.section(run, rebuild, profile)))
    return document(run, _made(makes), mark(True, pictures))


def write_light_page(run: RunDetail, previous: RunDetail | None, *, root: str = "") -> str:
    """The page without figures, for a run that is under way; it takes a moment."""
    makes: list[tuple[str, str, Make]] = [
        ("answers", "In short", lambda: answers.section(run, previous)),
        ("nodes", "Nodes", lambda: nodes.section(run, root)),
        ("settings", "Settings", lambda: settings.section(run)),
    ]
    note = "Figures and data follow when the run is over."
    return document(run, _made(makes), mark(False, False), note)


def mark(full: bool, pictures: bool) -> str:
    """What a page says of itself in its head: whether it holds everything, and pictures."""
    return f"{'full' if full else 'light'}, {'pictures' if pictures else 'no pictures'}"


def document(run: RunDetail, sections: Sequence[Section], said: str, note: str = "") -> str:
    """The whole file."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    facts = run.facts
    head = (
        f"<p>{html.escape(facts.kind.capitalize() or 'Run')} of recipe "
        f"{html.escape(facts.recipe or 'not known')}. "
        f'<a href="{INDEX}">All runs</a></p><p class="quiet">As of {now}. {html.escape(note)}</p>'
    )
    return assemble(facts.run_id, head, sections, said)


def assemble(title: str, head: str, sections: Sequence[Section], said: str) -> str:
    """A file of sections under a title.

    Args:
        title: as text.
        head: HTML that stands under it.
        said: see ``mark``.
    """
    links = "".join(
        f'<li><a href="#{html.escape(s.id)}">{html.escape(s.title)}</a></li>' for s in sections
    )
    body = "".join(
        f'<section aria-labelledby="{html.escape(s.id)}"><h2 id="{html.escape(s.id)}">'
        f"{html.escape(s.title)}</h2>{s.body}</section>"
        for s in sections
    )
    name = html.escape(title)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="affectflow-page" content="{html.escape(said)}"><title>{name}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<style>{STYLE}</style></head><body>"
        f'<a class="skip" href="#main">To the content</a><header><h1>{name}</h1>{head}</header>'
        f'<nav aria-label="Sections"><ul>{links}</ul></nav><main id="main">{body}</main>'
        "</body></html>\n"
    )


def _results(run: RunDetail) -> Sequence[Section]:
    if run.facts.kind == "rebuild":
        return ()
    try:
        module = importlib.import_module(RESULTS)
    except ModuleNotFoundError as error:
        if error.name != RESULTS:
            raise
        return ()
    return module.sections(run)


def _made(makes: Iterable[tuple[str, str, Make]]) -> list[Section]:
    return [section for name, title, make in makes for section in _one(name, title, make)]


def _one(name: str, title: str, make: Make) -> Iterator[Section]:
    """A section that cannot be made says so; the others are not lost with it."""
    try:
        found = make()
    except Exception as error:
        _log.warning("section %r of a run's page could not be made", name, exc_info=True)
        said = f"This section could not be made: {type(error).__name__}: {error}"
        yield Section(name, title, paragraph(said))
        return
    yield from (found,) if isinstance(found, Section) else found
